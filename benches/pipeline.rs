//! Measures each stage of a build, and whole builds of 1,000 and 10,000 posts.
//!
//! The bench `markdown` measures Markdown and highlighting.

mod corpus;

use std::path::Path;
use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use pressrun::theme::THEME;
use pressrun_posts::content_file::{self, FileInput, ReadSettings};
use pressrun_posts::post::{Date, Moment, SiteDate};
use pressrun_site::cache::{BodyMeasures, BodyStore, BuildCache};
use pressrun_site::config::Config;
use pressrun_site::corpus::{
    Corpus, DatedPost, GatherInputs, OwnPaths, PostSelection, SimilarityCache,
};
use pressrun_site::output::{OutputFolder, OutputMode};
use pressrun_site::pipeline::{self, BuildRequest};
use pressrun_site::render::{self, PageKind, RenderJob, SiteParts, SiteRenderer};
use pressrun_text::similarity;
use tempfile::TempDir;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const TODAY: Date = Date::constant(2026, 6, 15);

fn main() {
    divan::main();
}

fn input(index: u64) -> FileInput {
    FileInput {
        path: format!("content/{index:06}.txt").into(),
        bytes: corpus::reply(index).into_bytes(),
    }
}

/// Returns posts as the stages after reading see them, and their bodies.
fn posts(count: u64) -> (Vec<DatedPost>, BodyStore) {
    let bodies = BuildCache::disabled().bodies(0);
    let posts = (0..count)
        .flat_map(|index| content_file::read_file(&input(index), &ReadSettings::default()).posts)
        .map(|post| {
            let rendered = pressrun_markdown::render_markdown(
                &post.body,
                &pressrun_markdown::RenderOptions::default(),
            );
            let measures = BodyMeasures {
                words: 1_000,
                minutes: 5,
                profile: similarity::profile_text(&post.title, &post.body, "en"),
            };
            let body = bodies
                .store_body(&post, rendered, measures)
                .expect("memory");
            let post = post.with_body(body);
            DatedPost {
                date: post.date.map(SiteDate::from),
                lasting_date: post.date.map(Moment::start_of_day),
                post: post.into(),
                ..DatedPost::default()
            }
        });
    (posts.collect(), bodies)
}

fn gathered(count: u64, config: &Config) -> (Corpus, BodyStore) {
    let (posts, bodies) = posts(count);
    (gather(posts, &bodies, config), bodies)
}

fn gather(posts: Vec<DatedPost>, bodies: &BodyStore, config: &Config) -> Corpus {
    let inputs = GatherInputs {
        bodies,
        config,
        selection: PostSelection {
            present: Moment::start_of_day(TODAY),
            drafts: false,
            future: false,
        },
        own_paths: &OwnPaths::default(),
    };
    let gathered =
        pressrun_site::corpus::gather_corpus(posts, inputs, &mut SimilarityCache::default());
    gathered.expect("bodies in memory").corpus
}

/// Reads one file with one reply, from bytes to a post.
#[divan::bench]
fn parse(bencher: Bencher) {
    let inputs: Vec<FileInput> = (0..100).map(input).collect();
    bencher.counter(ItemsCount::new(inputs.len())).bench(|| {
        for one in &inputs {
            divan::black_box(content_file::read_file(one, &ReadSettings::default()));
        }
    });
}

/// Gathers all posts into a corpus.
#[divan::bench(args = [1_000, 10_000], sample_count = 10)]
fn gather_posts(bencher: Bencher, count: u64) {
    let config = Config::default();
    let (posts, bodies) = posts(count);
    bencher
        .counter(ItemsCount::new(count))
        .with_inputs(|| posts.clone())
        .bench_values(|posts| gather(posts, &bodies, &config));
}

fn prepare(root: &Path, (corpus, bodies): (Corpus, BodyStore), config: Config) -> SiteRenderer {
    let site = SiteParts {
        root,
        theme: THEME,
        config: Arc::new(config),
        corpus: Arc::new(corpus),
        bodies: Arc::new(bodies),
        media: &[],
        static_files: &[],
        search: &[],
        cards: &render::NO_CARDS,
        live: Arc::default(),
        pictures: render::SitePictures::default(),
        generated: Vec::new(),
        icons: render::IconSet::default(),
        now: std::time::SystemTime::now(),
        published_at: None,
    };
    let (renderer, _) = render::prepare_renderer(site).expect("a sound site");
    renderer
}

/// Renders jobs of one kind, one after another.
fn render_jobs(bencher: Bencher, wanted: impl Fn(&RenderJob) -> bool) {
    let config = Config::default();
    let corpus = gathered(1_000, &config);
    let root = tempfile::tempdir().expect("a temporary folder");
    let renderer = prepare(root.path(), corpus, config);
    let jobs = renderer.jobs().iter();
    let jobs: Vec<&RenderJob> = jobs.filter(|job| wanted(job)).take(200).collect();
    bencher
        .counter(ItemsCount::new(jobs.len()))
        .bench_local(|| {
            for job in &jobs {
                divan::black_box(renderer.render_job(job).expect("a sound template"));
            }
        });
}

/// Renders posts: Markdown, highlighting and template.
#[divan::bench]
fn post_pages(bencher: Bencher) {
    render_jobs(bencher, |job| matches!(job.page, PageKind::Post(_)));
}

/// Renders lists of twenty posts: context and template.
#[divan::bench]
fn list_pages(bencher: Bencher) {
    render_jobs(bencher, |job| matches!(job.page, PageKind::List(..)));
}

/// Renders feeds of twenty posts.
#[divan::bench]
fn feeds(bencher: Bencher) {
    render_jobs(bencher, |job| matches!(job.page, PageKind::Feed(..)));
}

/// Writes a site of static files, so that only writing is measured: first new, then unchanged.
#[divan::bench(args = [true, false], sample_count = 10)]
fn write(bencher: Bencher, new: bool) {
    const FILES: usize = 1_000;
    let root = tempfile::tempdir().expect("a temporary folder");
    let page = vec![b'x'; 14_000];
    for number in 0..FILES {
        put(
            &root
                .path()
                .join(format!("static/posts/{number}/index.html")),
            &page,
        );
    }
    let renderer = || {
        let nothing = (Corpus::default(), BuildCache::disabled().bodies(0));
        prepare(root.path(), nothing, Config::default())
    };
    let public = root.path().join("public");
    let run = |mode: &OutputMode, renderer| {
        let output = OutputFolder::open(root.path(), &public, mode).expect("a folder of ours");
        output.write_site(renderer).expect("a sound site")
    };
    let (_, origins) = run(&OutputMode::default(), renderer());
    let mode = OutputMode {
        origins,
        ..OutputMode::default()
    };
    bencher
        .counter(ItemsCount::new(FILES))
        .with_inputs(|| {
            if new {
                std::fs::remove_dir_all(&public).expect("a folder that can be removed");
            }
            renderer()
        })
        .bench_local_values(|renderer| run(&mode, renderer));
}

/// Builds a whole site: for the first time, and then without changes.
#[divan::bench(args = [(1_000, true), (1_000, false), (10_000, true), (10_000, false)], sample_count = 5)]
fn build(bencher: Bencher, (count, first): (u64, bool)) {
    let site = site(count);
    let request = BuildRequest::new(site.path(), THEME, Moment::start_of_day(TODAY));
    pipeline::build_site(&request).expect("a sound site");
    bencher
        .counter(ItemsCount::new(count))
        .with_inputs(|| {
            if first {
                for folder in ["public", ".pressrun"] {
                    std::fs::remove_dir_all(site.path().join(folder)).expect("a built site");
                }
            }
        })
        .bench_local_values(|()| pipeline::build_site(&request).expect("a sound site"));
}

fn site(count: u64) -> TempDir {
    let root = tempfile::tempdir().expect("a temporary folder");
    put(
        &root.path().join("site.toml"),
        b"[content]\ndates = \"none\"\n",
    );
    for index in 0..count {
        let file = input(index);
        put(&root.path().join(&*file.path), &file.bytes);
    }
    root
}

fn put(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("a path with a folder")).expect("a folder");
    std::fs::write(path, bytes).expect("a disk with room");
}
