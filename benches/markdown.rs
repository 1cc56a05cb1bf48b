//! Measures converting a post from Markdown to HTML, and highlighting a line of code.
//!
//! All benches of a run share the memory of highlighted lines. So cold lines are measured with code
//! that no other bench uses, and each line is seen once.

mod corpus;

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use pressrun_markdown::{RawHtmlHandling, RenderOptions, render_markdown};

use corpus::Random;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

/// Converts a post of 6 KB without code.
#[divan::bench]
fn prose(bencher: Bencher) {
    let body = corpus::prose(1, 6_000);
    bencher
        .counter(BytesCount::of_str(&body))
        .bench(|| render_markdown(divan::black_box(&body), &RenderOptions::default()));
}

/// Converts the same post for a feed.
#[divan::bench]
fn prose_for_a_feed(bencher: Bencher) {
    let body = corpus::prose(1, 6_000);
    let options = RenderOptions {
        feed: true,
        ..RenderOptions::default()
    };
    bencher.bench(|| render_markdown(divan::black_box(&body), &options));
}

/// Converts the same post with one HTML element, which costs a pass of the sanitiser.
#[divan::bench(args = [RawHtmlHandling::Sanitize, RawHtmlHandling::Escape])]
fn prose_with_html(bencher: Bencher, raw_html: RawHtmlHandling) {
    let body = corpus::prose(1, 6_000) + "<kbd>Ctrl</kbd>";
    let options = RenderOptions {
        raw_html,
        ..RenderOptions::default()
    };
    bencher.bench(|| render_markdown(divan::black_box(&body), &options));
}

/// Highlights code whose lines were all seen before.
#[divan::bench(args = corpus::LANGUAGES)]
fn warm_lines(bencher: Bencher, language: &str) {
    let code = corpus::code(&mut Random::new(7), language, 100);
    let body = format!("```{language}\n{code}```\n");
    bencher
        .counter(ItemsCount::new(code.lines().count()))
        .bench(|| render_markdown(divan::black_box(&body), &RenderOptions::default()));
}

/// Highlights code with a unique number in each line.
#[divan::bench(args = corpus::LANGUAGES, sample_count = 50, sample_size = 1)]
fn cold_lines(bencher: Bencher, language: &str) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let code = corpus::code(&mut Random::new(8), language, 100);
    bencher
        .counter(ItemsCount::new(code.lines().count()))
        .with_inputs(|| {
            let mut body = format!("```{language}\n");
            for line in code.lines() {
                let number = NEXT.fetch_add(1, Ordering::Relaxed);
                let _ = writeln!(body, "{line} {number}");
            }
            body + "```\n"
        })
        .bench_values(|body| render_markdown(&body, &RenderOptions::default()));
}

/// Converts a thousand whole posts that were not seen before, as a cold build does.
#[divan::bench(args = [false, true], sample_count = 5, sample_size = 1)]
fn thousand_posts(bencher: Bencher, highlight: bool) {
    static NEXT: AtomicU64 = AtomicU64::new(1_000_000);
    let options = RenderOptions {
        highlight,
        ..RenderOptions::default()
    };
    bencher
        .counter(ItemsCount::new(1_000_usize))
        .with_inputs(|| {
            let first = NEXT.fetch_add(1_000, Ordering::Relaxed);
            (first..first + 1_000).map(corpus::body).collect::<Vec<_>>()
        })
        .bench_values(|bodies| {
            bodies
                .iter()
                .map(|body| render_markdown(body, &options).html_as_written().len())
                .sum::<usize>()
        });
}
