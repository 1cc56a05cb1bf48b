//! Tests the site in a browser, as a reader sees it, with its scripts and under its own policy.

use std::path::Path;
use std::process::Command;

use crate::chromium::Chromium;
use crate::server::Server;
use crate::site::Site;

/// Builds the site in `root` for a server below a path, and serves it.
pub(crate) fn serve(root: &Path, output: &Path) -> String {
    let server = Server::below("/repo/");
    let built = Command::new(env!("CARGO_BIN_EXE_pressrun"))
        .args([
            "build",
            "--quiet",
            "--base-url",
            &server.base_url,
            "--output",
        ])
        .arg(output)
        .current_dir(root)
        .env("SOURCE_DATE_EPOCH", "1795132800") // 2026-11-20
        .output()
        .unwrap();
    assert!(built.status.success(), "{built:?}");
    server.folder(output);
    server.base_url
}

/// Types a query into the search box and waits until the result is announced.
pub(crate) fn search(browser: &mut Chromium, query: &str) -> String {
    let status = "document.querySelector('#_status').textContent";
    browser.eval(&format!("{status} = ''"));
    browser.eval("document.querySelector('.search [name=q]').select()");
    browser.write(query);
    browser.wait_for(&format!("{status} !== ''"));
    browser.eval(status).as_str().unwrap().to_owned()
}

#[test]
fn reader_finds_a_post_changes_the_theme_and_turns_pages() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let output = tempfile::tempdir().unwrap();
    let home = serve(Path::new(env!("CARGO_MANIFEST_DIR")), output.path());

    browser.open(&home);
    browser.eval("document.querySelector('.theme').click()");
    let theme = "document.documentElement.dataset.theme";
    let chosen = browser.eval(theme);
    browser.open(&format!("{home}page/2/"));
    assert_eq!(browser.eval(theme), chosen, "the choice is remembered");
    assert_eq!(
        browser.eval("document.querySelector('.theme').ariaPressed"),
        (chosen == "dark").to_string()
    );

    browser.eval("document.querySelector('.pager [rel=prev]').click()");
    browser.wait_for(&format!("location.href === '{home}'"));
    browser.wait_for("document.readyState === 'complete'");
    browser.eval("document.querySelector('.pager [rel=next]').click()");
    browser.wait_for("location.pathname === '/repo/page/2/'");

    browser.open(&format!("{home}search/"));
    assert_eq!(search(&mut browser, "backup restore"), "3 posts found.");
    browser.wait_for("document.querySelectorAll('#_results li').length === 3");
    assert_eq!(
        search(&mut browser, "xyzzyqq"),
        "Nothing found. Try fewer or different words."
    );
    browser.open(&format!("{home}search/?q=backup&tag=backups"));
    browser.wait_for("document.querySelectorAll('#_results li').length > 0");
    assert_eq!(
        browser.eval("document.querySelector('[name=tag]').value"),
        "backups"
    );
    browser.eval("document.querySelector('#_results a').click()");
    browser.wait_for("document.querySelector('article.post h1')");

    assert_eq!(browser.errors, Vec::<String>::new());
}

#[test]
fn hostile_post_is_inert_in_search_results() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let site = Site::new().file(
        "content/a.txt",
        "TITLE: &lt;img src=x onerror=alert(1)&gt; and `<script>alert(2)</script>`\n\
         TAGS: <b>tag</b>, other\nCATEGORIES: </select><script>alert(3)</script>\n\n\
         Findable &lt;img src=x onerror=alert(4)&gt; `<mark><script>alert(5)</script>`.\n\n\
         -EndOFText-\n",
    );
    let output = tempfile::tempdir().unwrap();
    let home = serve(&site.path(""), output.path());
    browser.open(&format!("{home}search/"));
    assert_eq!(search(&mut browser, "findable"), "One post found.");
    browser.wait_for("document.querySelector('#_results a')");
    let active = "document.querySelectorAll('main script, main img, main [onerror]').length";
    assert_eq!(browser.eval(active), 0);
    let title = browser.eval("document.querySelector('#_results a').textContent");
    assert!(title.as_str().unwrap().starts_with("<img src=x"), "{title}");
    let marks = browser.eval("document.querySelector('#_results').textContent");
    assert!(
        marks
            .as_str()
            .unwrap()
            .contains("<script>alert(5)</script>"),
        "{marks}"
    );
    assert_eq!(browser.errors, Vec::<String>::new());
}

/// Returns how much of the open page moves while its pictures load, also below its first screen.
fn measure_layout_shift(browser: &mut Chromium) -> f64 {
    let script = "new Promise(async done => {
        let shift = 0
        new PerformanceObserver(list => list.getEntries().forEach(one => shift += one.value))
            .observe({ type: 'layout-shift', buffered: true })
        const wait = time => new Promise(resolve => setTimeout(resolve, time))
        for (let y = 0; y < document.body.scrollHeight; y += 400) {
            scrollTo({ top: y, behavior: 'instant' })
            await wait(100)
        }
        await wait(600)
        done(shift)
    })";
    browser.eval(script).as_f64().unwrap()
}

#[test]
fn nothing_moves_while_pictures_load() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let picture = |width, height| {
        let mut file = std::io::Cursor::new(Vec::new());
        let picture = image::RgbImage::from_pixel(width, height, image::Rgb([90, 120, 160]));
        let written = picture.write_to(&mut file, image::ImageFormat::Png);
        written.unwrap();
        file.into_inner()
    };
    let text = "A line of the text.\n\n".repeat(8);
    let post = |author: &str, cover: &str| {
        format!(
            "---\ntitle: Post of {author}\nauthor: {author}\ncategory: Rivers\ncover: {cover}\n---\n{text}\
             ![a](/late-wide.png)\n\n{text}\n![b](/late-tall.png \"c\")\n\n{text}"
        )
    };
    let site = Site::with_config(
        "title = \"Still Water\"\n[theme]\nlogo = \"/late-logo.png\"\n[images]\nenabled = false\n\
         [authors.ann]\nname = \"Ann\"\nbio = \"Writes.\"\npicture = \"/late-tall.png\"\n\
         [authors.bob]\nname = \"Bob\"\n",
    )
    .file("static/late-wide.png", picture(900, 500))
    .file("static/late-tall.png", picture(300, 500))
    .file("static/late-logo.png", picture(300, 100))
    .file("content/ann.md", post("Ann", "/late-wide.png"))
    .file("content/bob.md", post("Bob", "/late-tall.png"))
    .file(
        "content/categories/rivers.md",
        format!("---\ncover: /late-wide.png\n---\n{text}"),
    );
    let output = tempfile::tempdir().unwrap();
    let home = serve(&site.path(""), output.path());
    for width in [390, 1440] {
        browser.resize(width);
        for page in [
            "",
            "posts/post-of-ann/",
            "authors/ann/",
            "authors/",
            "categories/rivers/",
        ] {
            browser.open(&format!("{home}{page}"));
            let shift = measure_layout_shift(&mut browser);
            assert!(shift < 0.001, "{page} at {width}: {shift}");
        }
    }
    // A picture without a size moves what is below it, so a shift is noticed. Without anchors, also by a reader who has
    // gone on before it comes.
    browser.eval(
        "document.documentElement.style.overflowAnchor = 'none'; scrollTo(0, 0); document.querySelector('main').insertAdjacentHTML('afterbegin', \
         '<img src=\"/repo/late-tall.png?again\">')",
    );
    let shift = measure_layout_shift(&mut browser);
    assert!(shift > 0.001, "{shift}");
}
