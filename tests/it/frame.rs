//! Tests what `site.toml` adds to every page: meta tags, counters of visits, comments, sources of
//! the policy, links and text of the footer, a style sheet.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};

use crate::chromium::Chromium;
use crate::server::Server;
use crate::site::{Site, tree};

const POST: &str = "---\ntitle: Tides\ntags: [sea]\ndate: 2026-05-01\n---\n\nHigh water at noon.\n";

/// Builds a site with this text at the end of its `site.toml`, and returns it.
#[track_caller]
fn built(config: &str) -> Site {
    let top = "title = \"Test\"\nbase_url = \"https://a.example/repo/\"\n";
    let site = Site::with_config(&format!("{top}{config}"))
        .file("content/tides.md", POST)
        .file(
            "content/calm.md",
            POST.replace("Tides", "Calm")
                .replace("High", "No")
                .replace("tags:", "comments: false\ntags:"),
        );
    let run = site.run(&["build"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    site
}

fn page(site: &Site, path: &str) -> String {
    fs::read_to_string(site.path(&format!("public/{path}"))).unwrap()
}

#[track_caller]
fn check_parts(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part} is missing from\n{page}");
    }
}

#[test]
fn nothing_of_other_hosts_is_loaded_by_default() {
    let page = page(&built(""), "posts/tides/index.html");
    check_parts(
        &page,
        &[
            "content=\"default-src 'self'; img-src 'self' https: data:; media-src 'self' https:; \
           object-src 'none'; base-uri 'none'; form-action 'self'\"",
        ],
    );
    assert!(
        !page.contains("comments") && !page.contains("async"),
        "{page}"
    );
}

#[test]
fn each_service_gets_its_script_and_its_sources() {
    for (config, parts) in [
        (
            "[analytics]\nprovider = \"goatcounter\"\nid = \"Tide\"\n",
            vec![
                "<script async src=\"https://gc.zgo.at/count.js\" \
                 data-goatcounter=\"https://tide.goatcounter.com/count\"></script>",
                "script-src 'self' https://gc.zgo.at; connect-src 'self' \
                 https://tide.goatcounter.com;",
            ],
        ),
        (
            "[analytics]\nprovider = \"goatcounter\"\nid = \"x\"\nhost = \"count.example.org\"\n",
            vec![
                "<script async src=\"https://count.example.org/count.js\" \
                 data-goatcounter=\"https://count.example.org/count\"></script>",
                "script-src 'self' https://count.example.org; connect-src 'self' \
                 https://count.example.org;",
            ],
        ),
        (
            "[analytics]\nprovider = \"plausible\"\nid = \"a.example\"\n",
            vec![
                "<script async src=\"https://plausible.io/js/script.js\" \
                 data-domain=\"a.example\"></script>",
                "connect-src 'self' https://plausible.io;",
            ],
        ),
        (
            "[analytics]\nprovider = \"umami\"\nid = \"1b-2c\"\n",
            vec![
                "<script async src=\"https://cloud.umami.is/script.js\" \
                 data-website-id=\"1b-2c\"></script>",
                "script-src 'self' https://cloud.umami.is;",
            ],
        ),
        (
            "[analytics]\nprovider = \"cloudflare\"\nid = \"abc\"\n",
            vec![
                "<script async src=\"https://static.cloudflareinsights.com/beacon.min.js\" \
                 data-cf-beacon=\"{&quot;token&quot;: &quot;abc&quot;}\"></script>",
                "connect-src 'self' https://cloudflareinsights.com;",
            ],
        ),
        (
            "[analytics]\nprovider = \"ga4\"\nid = \"G-AB12\"\n",
            vec![
                "<script async src=\"https://www.googletagmanager.com/gtag/js?id=G-AB12\"></script>",
                "script-src 'self' https://www.googletagmanager.com;",
            ],
        ),
        (
            "[comments]\nprovider = \"giscus\"\nrepo = \"jane/blog\"\nrepo_id = \"R_a\"\n\
             category = \"Say \\\"so\\\"\"\ncategory_id = \"DIC_b\"\nmapping = \"og:title\"\n",
            vec![
                "<script async src=\"https://giscus.app/client.js\"",
                "data-repo=\"jane/blog\" data-repo-id=\"R_a\" \
                 data-category=\"Say &quot;so&quot;\" data-category-id=\"DIC_b\" \
                 data-mapping=\"og:title\"",
                "style-src 'self' https://giscus.app; frame-src 'self' https://giscus.app;",
            ],
        ),
        (
            "[comments]\nprovider = \"utterances\"\nrepo = \"jane/blog\"\nlabel = \"comment\"\n",
            vec![
                "repo=\"jane/blog\" issue-term=\"pathname\" label=\"comment\"",
                "script-src 'self' https://utteranc.es; frame-src 'self' https://utteranc.es;",
            ],
        ),
    ] {
        check_parts(&page(&built(config), "posts/tides/index.html"), &parts);
    }
    let site = built("[analytics]\nprovider = \"ga4\"\nid = \"G-AB12\"\n");
    let script = page(&site, "index.html");
    let script = script.split("<script src=\"/repo/").nth(1).unwrap();
    let script = script.split('"').next().unwrap();
    check_parts(&page(&site, script), &["gtag('config', 'G-AB12')"]);
}

#[test]
fn comments_are_on_posts_that_want_them() {
    let site = built("[comments]\nprovider = \"utterances\"\nrepo = \"jane/blog\"\n");
    for (path, expected) in [
        ("posts/tides/index.html", true),
        ("posts/calm/index.html", false),
        ("index.html", false),
        ("search/index.html", false),
    ] {
        let page = page(&site, path);
        assert_eq!(page.contains("class=\"comments\""), expected, "{path}");
        assert_eq!(page.contains("utteranc.es"), expected, "{path}");
    }
}

#[test]
fn values_that_would_widen_the_policy_or_add_markup_are_errors() {
    for (config, place) in [
        ("[csp]\nscript_src = [\"*\"]\n", "site.toml:2:15"),
        (
            "[csp]\nframe_src = [\"https://a.example; script-src *\"]\n",
            "site.toml:2:14",
        ),
        (
            "[csp]\nstyle_src = [\"'unsafe-inline'\"]\n",
            "site.toml:2:14",
        ),
        ("[csp]\nscripts = []\n", "site.toml:2:1"),
        (
            "[analytics]\nprovider = \"umami\"\nid = \"a\\\" onload=\\\"b\"\n",
            "site.toml:3:6",
        ),
        ("[analytics]\nprovider = \"umami\"\n", "site.toml:2:1"),
        (
            "[analytics]\nprovider = \"umami\"\nid = \"a\"\nhost = \"a.example/x\"\n",
            "site.toml:4:8",
        ),
        (
            "[analytics]\nprovider = \"ga4\"\nid = \"UA-1\"\n",
            "site.toml:3:6",
        ),
        (
            "[comments]\nprovider = \"giscus\"\nrepo = \"blog\"\n",
            "site.toml:3:8",
        ),
        (
            "[[head.meta]]\nname = \"description\"\ncontent = \"x\"\n",
            "site.toml:2:8",
        ),
        (
            "[[head.meta]]\nname = \"a b\"\ncontent = \"x\"\n",
            "site.toml:2:8",
        ),
        (
            "[head.verification]\ngoogle = \"<meta name='x'>\"\n",
            "site.toml:2:10",
        ),
        (
            "[[social.links]]\ntitle = \"X\"\nurl = \"javascript:x()\"\n",
            "site.toml:3:7",
        ),
        (
            "[[theme.nav]]\ntitle = \"X\"\nurl = \"data:text/html,x\"\n",
            "site.toml:3:7",
        ),
        ("[author]\nfediverse = \"jane\"\n", "site.toml:2:13"),
        ("[author]\nurl = \"javascript:x()\"\n", "site.toml:2:7"),
        ("[theme]\nlogo = \"javascript:x()\"\n", "site.toml:2:8"),
        ("[social]\nimage = \"javascript:x()\"\n", "site.toml:2:9"),
        (
            "[authors.a]\nlinks = [\"https://a.example\", \"javascript:x()\"]\n",
            "site.toml:2:31",
        ),
        ("[authors.a]\npicture = \"file:///x\"\n", "site.toml:2:11"),
        (
            "[[head.meta]]\nname = \"og:title\"\ncontent = \"x\"\n",
            "site.toml:2:8",
        ),
    ] {
        let run = Site::with_config(config)
            .file("content/a.md", POST)
            .run(&["build"]);
        assert_eq!(run.code, 1, "{config}");
        assert!(run.stderr.contains(place), "{config}\n{}", run.stderr);
    }
}

#[test]
fn head_and_footer_show_what_the_site_says() {
    let site = built(
        "[author]\nname = \"Jane\"\nfediverse = \"@jane@social.example\"\n\
         [head.verification]\ngoogle = \"abc\"\n[[head.meta]]\nname = \"rating\"\n\
         content = \"<general>\"\n[theme]\nlogo = \"/logo.svg\"\n\
         footer = \"Made in **Riga**, see [the sea](/tags/sea/). <script>x()</script>\"\n\
         footer_links = [{ title = \"Imprint\", url = \"/posts/calm/\" }]\n\
         [[social.links]]\ntitle = \"Mastodon\"\nurl = \"https://social.example/@jane\"\n",
    );
    let post = page(&site, "posts/tides/index.html");
    check_parts(
        &post,
        &[
            "<meta name=\"fediverse:creator\" content=\"@jane@social.example\">",
            "<meta name=\"google-site-verification\" content=\"abc\">",
            "<meta name=\"rating\" content=\"&lt;general&gt;\">",
            "Made in <strong>Riga</strong>, see <a href=\"/repo/tags/sea/\">the sea</a>.",
            "<a href=\"/repo/posts/calm/\">Imprint</a>",
            "<a href=\"https://social.example/@jane\" rel=\"me\">Mastodon</a>",
        ],
    );
    assert!(!post.contains("<script>x"), "{post}");
    check_parts(
        &page(&site, "index.html"),
        &["<img class=\"logo\" src=\"/repo/logo.svg\" alt=\"\">"],
    );
}

#[test]
fn custom_style_sheet_is_loaded_after_the_themes() {
    let site = built("").file("static/custom.css", "p { color: red }\n");
    assert_eq!(site.run(&["build"]).code, 0);
    let home = page(&site, "index.html");
    let at = |part: &str| {
        home.find(part)
            .unwrap_or_else(|| panic!("{part} is missing"))
    };
    assert!(at("/repo/style-") < at("/repo/custom-"));
    let name = home
        .split("/repo/custom-")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert_eq!(page(&site, &format!("custom-{name}")), "p { color: red }\n");
    assert!(!site.path("public/custom.css").exists());
    site.write("static/custom.css", "p { color: blue }\n");
    assert_eq!(site.run(&["build"]).code, 0);
    assert_ne!(page(&site, "index.html"), home);
    assert!(!site.path(&format!("public/custom-{name}")).exists());
}

#[test]
fn what_the_policy_blocks_is_reported_with_its_place() {
    let site = built("[csp]\nframe_src = [\"https://player.example\"]\n")
        .file(
            "templates/partials/footer.html",
            "<iframe src=\"https://player.example/1\"></iframe>\n\
             <iframe src=\"https://video.example/1\"></iframe>\n<script>x()</script>\n",
        )
        .file(
            "content/picture.md",
            "---\ntitle: Picture\ndate: 2026-05-01\n---\n\nIt is here:\n\n![one](http://x.example/1.png)\n\
             ![two](https://x.example/2.png)\n",
        );
    let run = site.run(&["check"]);
    for line in [
        "templates/partials/footer.html:2:1: warning[blocked-by-policy]: the policy of the page \
         blocks the frame `https://video.example/1`",
        "templates/partials/footer.html:3:1: warning[blocked-by-policy]: the policy of the page \
         blocks the inline script",
        "content/picture.md:8: warning[blocked-by-policy]: the policy of the page blocks the \
         picture `http://x.example/1.png`",
    ] {
        assert!(run.stdout.contains(line), "{line}\n{}", run.stdout);
    }
    assert_eq!(
        run.stdout.matches("[blocked-by-policy]").count(),
        3,
        "{}",
        run.stdout
    );
    // A site with a policy of its own decides for itself.
    let site = site.file("templates/partials/csp.html", "default-src *");
    assert!(!site.run(&["check"]).stdout.contains("blocked-by-policy"));
}

#[test]
fn html_that_is_passed_on_is_checked_against_the_policy() {
    let site = built("[markdown]\nraw_html = \"allow\"\n").file(
        "content/film.md",
        "---\ntitle: Film\ndate: 2026-05-01\n---\n\n<iframe src=\"https://video.example/1\"></iframe>\n",
    );
    let run = site.run(&["check"]);
    assert!(
        run.stdout.contains("the frame `https://video.example/1`"),
        "{}",
        run.stdout
    );
}

#[test]
fn exported_theme_changes_no_byte_of_the_site() {
    let site = built("[search]\nenabled = false\n");
    let before = tree(&site.path("public"));
    let run = site.run(&["theme", "--export"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        site.path("templates/partials/head.html").exists(),
        "{}",
        run.stdout
    );
    assert!(site.path("static/style.css").exists(), "{}", run.stdout);
    let built = site.run(&["build", "--verbose"]);
    assert_eq!(built.code, 0, "{}", built.stderr);
    assert!(
        !built.stderr.contains("outdated-template"),
        "{}",
        built.stderr
    );
    let after = tree(&site.path("public"));
    assert!(before == after, "{:?}", changed_paths(&before, &after));
}

fn changed_paths(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
) -> Vec<String> {
    let paths = before.keys().chain(after.keys());
    let changed = paths.filter(|path| before.get(*path) != after.get(*path));
    changed.cloned().collect()
}

#[test]
fn exported_files_are_named_and_never_overwritten() {
    let site = built("").file("templates/post.html", "mine");
    let run = site.run(&["theme", "--export", "post.html", "static/style.css"]);
    assert_eq!(run.code, 0);
    assert!(
        run.stdout
            .contains("templates/post.html, which already existed"),
        "{}",
        run.stdout
    );
    assert_eq!(
        fs::read_to_string(site.path("templates/post.html")).unwrap(),
        "mine"
    );
    assert!(site.path("static/style.css").exists());
    assert!(!site.path("templates/base.html").exists());
    assert_eq!(
        site.run(&["theme", "--export", "post.html", "--force"])
            .code,
        0
    );
    assert_ne!(
        fs::read_to_string(site.path("templates/post.html")).unwrap(),
        "mine"
    );
    let run = site.run(&["theme", "--export", "posts.html"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("did you mean `post.html`?"),
        "{}",
        run.stderr
    );
    let listed = site.run(&["theme"]).stdout;
    assert!(
        listed.contains("templates/post.html  (replaced by the site's)\n"),
        "{listed}"
    );
    assert!(listed.contains("templates/partials/csp.html\n"), "{listed}");
}

#[test]
fn copy_of_an_older_theme_is_reported() {
    let site = built("").file(
        "templates/404.html",
        "{#- copied from the theme of pressrun 0.0.1, hash 0123456789abcdef -#}\nGone.\n",
    );
    let run = site.run(&["check", "--verbose"]);
    assert!(
        run.stdout
            .contains("templates/404.html:1: info[outdated-template]"),
        "{}",
        run.stdout
    );
}

/// Serves what a counter of visits and a service of comments would serve.
fn stand_in() -> (Server, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    file(
        "script.js",
        "const id = document.currentScript.dataset.websiteId\n\
         fetch(new URL('/api/send?' + id, document.currentScript.src), { mode: 'no-cors' })\n\
           .then(() => (document.documentElement.dataset.counted = id))\n",
    );
    file("api/send", "");
    file(
        "client.js",
        "const { src, dataset } = document.currentScript\n\
         const style = document.createElement('link')\nstyle.rel = 'stylesheet'\n\
         style.href = new URL('/default.css', src)\ndocument.head.append(style)\n\
         const frame = document.createElement('iframe')\nframe.className = 'giscus-frame'\n\
         frame.src = new URL('/widget.html', src)\n\
         frame.onload = () => (document.documentElement.dataset.commented = dataset.repo)\n\
         document.querySelector('.comments').append(frame)\n",
    );
    file("default.css", ".giscus-frame { width: 123px }\n");
    file(
        "widget.html",
        "<!doctype html><title>c</title><p>Comments</p>",
    );
    file("404.html", "gone");
    let server = Server::below("/");
    server.folder(folder.path());
    (server, folder)
}

#[test]
fn services_work_under_the_policy_in_a_browser() {
    let Some(mut browser) = Chromium::start() else {
        return;
    };
    let (service, _folder) = stand_in();
    let host = SocketAddr::from((Ipv4Addr::LOCALHOST, service.port));
    let site = built(&format!(
        "[analytics]\nprovider = \"umami\"\nid = \"site-1\"\nhost = \"http://{host}\"\n\
         [comments]\nprovider = \"giscus\"\nrepo = \"jane/blog\"\nrepo_id = \"R\"\n\
         category_id = \"D\"\nhost = \"http://{host}\"\n"
    ));
    let output = tempfile::tempdir().unwrap();
    let home = crate::browser::serve(site.path("").as_path(), output.path());
    browser.open(&format!("{home}posts/tides/"));
    browser.wait_for("document.documentElement.dataset.counted === 'site-1'");
    browser.wait_for("document.documentElement.dataset.commented === 'jane/blog'");
    browser.wait_for("getComputedStyle(document.querySelector('.giscus-frame')).width === '123px'");
    assert_eq!(browser.errors, Vec::<String>::new());
    // A page without comments does not allow their frame.
    browser.open(&home);
    let blocked = browser.eval(&format!(
        "new Promise(done => {{
            addEventListener('securitypolicyviolation', event => done(event.violatedDirective))
            const frame = document.createElement('iframe')
            frame.src = 'http://{host}/widget.html'
            document.body.append(frame)
        }})"
    ));
    assert_eq!(blocked, "frame-src");
}

#[test]
fn picture_of_the_frame_that_the_policy_blocks_or_that_is_missing_is_reported() {
    let site = Site::with_config(
        "[theme]\nlogo = \"http://x.example/a.png\"\n[social]\nimage = \"/gone.png\"\n",
    )
    .file("content/a.md", POST);
    let run = site.run(&["check"]);
    let output = run.stdout + &run.stderr;
    for expected in [
        "site.toml:2:9: warning[blocked-by-policy]: the policy of the page blocks the picture \
         `http://x.example/a.png`",
        "site.toml:4:10: warning[dead-link]: `/gone.png` leads to no page or file",
    ] {
        assert!(output.contains(expected), "{output}");
    }
}
