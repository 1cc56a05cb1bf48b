//! Opens hostile posts in a real browser, because only a browser knows what HTML means.

use std::path::Path;

use pressrun_markdown::{RawHtmlHandling, RenderOptions, render_markdown};
use serde_json::{Value, json};

use super::fragments::{GLOBAL, HOST, groups};
use super::posts::{self, in_context};
use crate::chromium::Chromium;
use crate::server::Server;
use crate::site::Site;

/// The picture of a film. A post may show pictures of other hosts.
const POSTER: &str = "https://foreign.invalid/poster.png";

/// A script that returns what is wrong with the open page.
const AUDIT: &str = include_str!("audit.js");

/// A policy that forbids nothing, so that only the posts themselves are tested.
const NO_POLICY: &str = "default-src * 'unsafe-inline' 'unsafe-eval' data: blob: filesystem:";

const CONFIG: &str = "title = \"Test\"\n[content]\ndates = \"none\"\n[lists]\nper_page = 100\n";

/// A script that does what a reader does, wherever a handler could wait for it.
const TOUCH: &str = "
    // A heading may be inside a link that leads to another page.
    document.addEventListener('click', event => event.preventDefault())
    for (const element of document.querySelectorAll('body *')) {
        for (const name of ['mouseover', 'mouseenter', 'pointerenter', 'focus', 'toggle', 'animationstart'])
            element.dispatchEvent(new Event(name, { bubbles: true }))
        if (element.matches('summary, h2, h3, .copy, a[href^=\"#\"]')) element.click()
        element.focus?.()
    }";

/// Returns which parts of a post cover the frame of the page, at any point of the frame. It
/// scrolls, which loads pictures.
const OVER: &str = "(() => {
    const over = []
    const frames = 'body > header, body > footer, article > header, article > footer'
    for (const frame of document.querySelectorAll(frames)) {
        frame.scrollIntoView({ block: 'center', behavior: 'instant' })
        const { left, top, width, height } = frame.getBoundingClientRect()
        for (const x of [.01, .25, .5, .75, .99]) for (const y of [.1, .5, .9]) {
            const hit = document.elementFromPoint(left + x * width, top + y * height)
            if (hit?.closest('.prose')) over.push(hit.outerHTML.slice(0, 200))
        }
    }
    return over
})()";

/// A site on a server of its own.
struct ServedSite {
    /// The address of the home page.
    home: String,
    /// The addresses of the pages that show something.
    pages: Vec<String>,
    /// The addresses of the pages that lead to another page at once.
    redirects: Vec<String>,
}

/// Builds a site for a server of its own.
fn serve(site: &Site) -> ServedSite {
    let server = Server::below("/");
    site.build_with(&["--base-url", &server.base_url]);
    server.folder(&site.path("public"));
    let mut found = ServedSite {
        home: server.base_url.clone(),
        pages: Vec::new(),
        redirects: Vec::new(),
    };
    for (path, bytes) in site.public() {
        if !path.ends_with(".html") {
            continue;
        }
        let path = path.strip_suffix("index.html").unwrap_or(&path);
        let names: Vec<String> = path.split('/').map(encoded).collect();
        let address = format!("{}{}", server.base_url, names.join("/"));
        let refresh = b"<meta http-equiv=\"refresh\"";
        if memchr::memmem::find(&bytes, refresh).is_some() {
            found.redirects.push(address);
        } else {
            found.pages.push(address);
        }
    }
    found
}

fn encoded(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%2D", "-")
        .replace("%2E", ".")
        .replace("%5F", "_")
        .replace("%7E", "~")
}

/// Returns the globals of the open page.
fn globals(browser: &mut Chromium) -> Value {
    browser.eval("Object.getOwnPropertyNames(window).filter(name => !/^\\d+$/.test(name)).sort()")
}

/// Returns where the header and the footer of the page are, and how far the footer is from the
/// end of the page.
fn frame(browser: &mut Chromium) -> Vec<f64> {
    let lengths = browser.eval(
        "(() => {
            const boxes = ['body > header', 'body > footer'].map(frame =>
                document.querySelector(frame).getBoundingClientRect())
            const end = document.documentElement.getBoundingClientRect().bottom
            return [boxes[0].top + scrollY, end - boxes[1].bottom,
                ...boxes.flatMap(({ left, width, height }) => [left, width, height])]
        })()",
    );
    let lengths = lengths.as_array().unwrap().iter();
    lengths.map(|length| length.as_f64().unwrap()).collect()
}

/// Checks that the header and the footer are at their place.
#[track_caller]
fn assert_in_place(browser: &mut Chromium, place: &[f64], page: &str) {
    // Browsers round lengths to 1/64 px, which depends on what is above.
    const ROUNDING: f64 = 0.05;
    let found = frame(browser);
    let mut pairs = found.iter().zip(place);
    let is_equal = pairs.all(|(found, place)| (found - place).abs() < ROUNDING);
    assert!(is_equal, "{page}: {found:?} instead of {place:?}");
}

#[track_caller]
fn assert_silent(browser: &Chromium, home: &str) {
    let errors: Vec<&String> = browser
        .errors
        .iter()
        .filter(|text| !text.contains(POSTER))
        .collect();
    assert_eq!(errors, Vec::<&String>::new());
    let foreign = |url: &&String| {
        // The browser draws the controls of films with pictures of its own.
        let is_local = ["about:", "data:", home]
            .iter()
            .any(|start| url.starts_with(start));
        !is_local && *url != POSTER
    };
    let foreign: Vec<&String> = browser.requests().filter(foreign).collect();
    assert!(foreign.is_empty(), "{foreign:#?}");
}

/// Opens the wanted pages of a site, touches everything on each, and checks the result.
fn visit(browser: &mut Chromium, site: &Site, is_wanted: fn(&str) -> bool) {
    let ServedSite {
        home,
        mut pages,
        redirects,
    } = serve(site);
    pages.retain(|page| is_wanted(page));
    browser.open(&format!("{home}posts/harmless/"));
    let harmless = globals(browser);
    let place = frame(browser);
    assert!(pages.len() > 100, "{}", pages.len());
    for page in &pages {
        browser.open(page);
        browser.eval(&format!("{{ {TOUCH} }}"));
        let wrong = browser.eval(&format!("({AUDIT})(document, location.href, true)"));
        assert_eq!(wrong, json!([]), "{page}");
        if page.contains("/posts/") {
            assert_in_place(browser, &place, page);
        }
        assert_eq!(globals(browser), harmless, "{page}");
        assert_eq!(
            browser.eval(&format!("typeof {GLOBAL}")),
            "undefined",
            "{page}"
        );
        assert_eq!(browser.eval("location.href.split('#')[0]"), json!(page));
    }
    assert!(redirects.len() > 4, "{}", redirects.len());
    for redirect in &redirects {
        // What the page contains, and where it leads to.
        let wrong = browser.eval(&format!(
            "(async () => {{
                const text = await (await fetch('{redirect}')).text()
                return ({AUDIT})(new DOMParser().parseFromString(text, 'text/html'), '{home}', false)
            }})()"
        ));
        assert_eq!(wrong, json!([]), "{redirect}");
        // It leads on before anything could wait for it.
        browser.open(&home);
        browser.eval(&format!("{{ location.href = '{redirect}' }}"));
        browser.wait_for(&format!(
            "location.href !== '{home}' && document.readyState === 'complete' && \
             !document.querySelector('meta[http-equiv=refresh]')"
        ));
        let reached = browser.eval("location.href.split('#')[0]");
        assert!(
            pages.iter().any(|page| reached == json!(page)),
            "{redirect} leads to {reached}"
        );
    }
    feeds(browser, &home);
}

/// Reads the feeds like a feed reader that cleans nothing.
fn feeds(browser: &mut Chromium, home: &str) {
    let wrong = browser.eval(&format!(
        "(async () => {{
            const audit = {AUDIT}
            const feed = await (await fetch('{home}feed.json')).json()
            const atom = new DOMParser().parseFromString(
                await (await fetch('{home}atom.xml')).text(), 'application/xml')
            if (atom.querySelector('parsererror')) return ['atom.xml is no XML']
            const texts = [...feed.items.map(item => item.content_html ?? ''),
                ...[...atom.querySelectorAll('content')].map(content => content.textContent)]
            return texts.length < 40 ? ['few texts'] : texts.flatMap(text =>
                audit(new DOMParser().parseFromString(text, 'text/html'), '{home}', false))
        }})()"
    ));
    assert_eq!(wrong, json!([]));
}

#[test]
fn posts_are_inert_where_no_policy_protects_the_page() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let site = posts::site(CONFIG).file("templates/partials/csp.html", NO_POLICY);
    visit(&mut browser, &site, |_| true);
    let home = browser.eval("location.origin");
    assert_silent(&browser, home.as_str().unwrap());
}

#[test]
fn posts_are_inert_under_the_policy_of_the_theme_and_never_meet_it() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let site = posts::site(CONFIG);
    // Pages of tags are like those of categories.
    visit(&mut browser, &site, |page| !page.contains("/tags/"));
    let home = browser.eval("location.origin").as_str().unwrap().to_owned();
    search(&mut browser, &home);
    // A violation of the policy appears as an error on the console.
    assert_silent(&browser, &home);
}

/// Searches for hostile titles, and checks the results.
fn search(browser: &mut Chromium, home: &str) {
    browser.open(&format!("{home}/search/"));
    browser.eval("document.querySelector('.search [name=q]').focus()");
    for query in [
        "reply",
        "object",
        "searchable1",
        "text of object",
        "constructor",
    ] {
        browser.eval("document.querySelector('#_results').replaceChildren()");
        browser.eval("document.querySelector('.search [name=q]').select()");
        browser.write(query);
        browser.wait_for("document.querySelector('#_results li')");
        browser.eval(&format!("{{ {TOUCH} }}"));
        let wrong = browser.eval(&format!("({AUDIT})(document, location.href, true)"));
        assert_eq!(wrong, json!([]), "{query}");
    }
    let offered = browser.eval("document.querySelector('[name=tag]').options.length");
    assert!(offered.as_u64() > Some(40), "{offered} tags");
    assert_eq!(browser.eval(&format!("typeof {GLOBAL}")), "undefined");
}

#[test]
fn nothing_of_a_post_reaches_out_of_its_place() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let tall = ["sizes", "sign-sizes", "classes", "styles"];
    let mut site = Site::with_config(CONFIG)
        .reply("harmless", "Harmless", "plain", "News")
        .file("static/x", "");
    for group in groups().iter().filter(|group| tall.contains(&group.name)) {
        let per_post = match group.name {
            "sizes" => 1,
            "sign-sizes" => 8,
            _ => 60,
        };
        for (at, fragments) in group.fragments.chunks(per_post).enumerate() {
            let text = format!(
                "---\ntitle: {} {at}\ntags: [a]\n---\nWords.\n\n{}\n\nThe end.\n",
                group.name,
                fragments.join("\n\n")
            );
            site = site.file(&format!("content/{}-{at}.md", group.name), text);
        }
    }
    // Every size in every place where Markdown allows it.
    let sizes = groups().into_iter().find(|group| group.name == "sizes");
    for context in 0..9 {
        let fragments = sizes.iter().flat_map(|group| &group.fragments);
        let text: Vec<String> = fragments.map(|one| in_context(one, context)).collect();
        let text = format!(
            "---\ntitle: In {context}\n---\nWords.\n\n{}",
            text.join("\n\n")
        );
        site = site.file(&format!("content/in-{context}.md"), text);
    }
    let word = "w".repeat(120);
    let named = format!(
        "---\ntitle: {word}\ntags: [{word}]\ncategories: [{word}]\ndescription: {word}{word}\n---\n\
         ## {word}\n\nWords.\n\n## {word}{word}\n"
    );
    site = site
        .file("content/named.md", named.clone())
        .file("content/named-2.md", named + "x");
    let cover = "<div class=\"code\"><div class=\"copy\">x</div></div>\n\n\
                 <div class=\"code copy skip theme site\"><button class=\"copy\">x</button></div>\n";
    site = site.file(
        "content/cover.md",
        format!("---\ntitle: Cover\n---\n{cover}"),
    );
    let ServedSite { home, pages, .. } = serve(&site);
    for width in [360, 1400] {
        browser.resize(width);
        browser.open(&format!("{home}posts/harmless/"));
        let place = frame(&mut browser);
        for page in &pages {
            browser.open(page);
            let wrong = browser.eval(&format!("({AUDIT})(document, location.href, true)"));
            assert_eq!(wrong, json!([]), "{page} at {width}");
            assert_eq!(browser.eval(OVER), json!([]), "{page} at {width}");
            if page.contains("/posts/") {
                assert_in_place(&mut browser, &place, page);
            }
        }
    }
}

#[test]
fn each_fragment_is_inert_on_its_own() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let sanitized = RenderOptions::default();
    let escaped = RenderOptions {
        raw_html: RawHtmlHandling::Escape,
        ..sanitized.clone()
    };
    let mut pieces = Vec::new();
    let fragments: Vec<String> = groups()
        .into_iter()
        .flat_map(|group| group.fragments)
        .collect();
    assert!(fragments.len() > 5_000, "{}", fragments.len());
    for (at, fragment) in fragments.iter().enumerate() {
        let placed = in_context(fragment, at);
        for (body, options) in [
            (fragment, &sanitized),
            (&placed, &sanitized),
            (&placed, &escaped),
        ] {
            pieces.push(render_markdown(body, options).html_as_written());
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let file =
        |name: &str, text: &str| std::fs::write(Path::join(folder.path(), name), text).unwrap();
    file("pieces.json", &serde_json::to_string(&pieces).unwrap());
    file("favicon.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
    file("x", "");
    file("index.html", "<!doctype html><title>x</title><main></main>");
    file("404.html", "<!doctype html><title>x</title>");
    let server = Server::below("/");
    server.folder(folder.path());
    browser.open(&server.base_url);
    let wrong = browser.eval(&format!(
        "(async () => {{
            const audit = {AUDIT}
            const wrong = []
            const main = document.querySelector('main')
            for (const piece of await (await fetch('/pieces.json')).json()) {{
                const parsed = new DOMParser().parseFromString(piece, 'text/html')
                for (const one of audit(parsed, location.href, false)) wrong.push([piece, one])
                // In a live page, the browser tries to load the pictures, which fails.
                main.innerHTML = piece
                const again = main.innerHTML
                main.innerHTML = again
                if (main.innerHTML !== again) wrong.push([piece, 'read again it is another'])
            }}
            await new Promise(resolve => setTimeout(resolve, 300))
            return wrong.slice(0, 20)
        }})()"
    ));
    assert_eq!(wrong, json!([]));
    assert_eq!(browser.eval(&format!("typeof {GLOBAL}")), "undefined");
    let to_foreign = browser
        .requests()
        .any(|url| url.starts_with(HOST) && url != POSTER);
    assert!(!to_foreign);
    let dialogs: Vec<&String> = browser
        .errors
        .iter()
        // A file that was not found is no dialog, whatever its name.
        .filter(|text| text.contains("alert") && !text.contains("\"source\":\"network\""))
        .collect();
    assert!(dialogs.is_empty(), "{dialogs:?}");
}

#[test]
fn scripts_of_a_trusted_post_do_not_run_under_the_policy_of_the_theme() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let script = format!("window.{GLOBAL}=1;alert(1)");
    let site = Site::with_config(&format!("{CONFIG}[markdown]\nraw_html = \"allow\"\n")).file(
        "content/a.md",
        format!(
            "---\ntitle: A\n---\n<script>{script}</script>\n\n<img src=x onerror=\"{script}\">\n\n\
             <script src=\"{HOST}/a.js\"></script>\n\n<iframe src=\"{HOST}/a\"></iframe>\n\n\
             <link rel=stylesheet href=\"{HOST}/a.css\">\n\n<object data=\"{HOST}/a\"></object>\n\n\
             <p style=\"position:fixed\" id=p>x</p>\n\n<base href=\"{HOST}/\">\n"
        ),
    );
    let home = serve(&site).home;
    browser.open(&format!("{home}posts/a/"));
    assert_eq!(
        browser.eval("document.querySelectorAll('.prose script').length"),
        2
    );
    assert_eq!(browser.eval(&format!("typeof {GLOBAL}")), "undefined");
    assert_eq!(
        browser.eval("getComputedStyle(document.querySelector('#p')).position"),
        "static"
    );
    assert_eq!(browser.eval("document.baseURI"), format!("{home}posts/a/"));
    let reached = browser.requests().find(|url| url.starts_with(HOST));
    assert_eq!(reached, None);
    let about_policy = |error: &String| error.contains("Content Security Policy");
    assert!(
        browser
            .errors
            .iter()
            .all(|error| about_policy(error) || error.contains("404"))
    );
    assert!(
        browser
            .errors
            .iter()
            .filter(|error| about_policy(error))
            .count()
            >= 6
    );
}
