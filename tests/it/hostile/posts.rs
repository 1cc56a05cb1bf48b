//! Makes posts from hostile fragments, and a site from these posts.

use std::fmt::Write;

use super::fragments::{GLOBAL, groups};
use crate::site::Site;

/// Number of fragments in one post.
const IN_A_POST: usize = 120;

/// Texts that try to end the tag, attribute, script, section or line that contains them.
pub(crate) const BREAKOUTS: [&str; 25] = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(2)>",
    "'><svg onload=alert(3)>",
    "` onmouseover=alert(4) ",
    "]]><script>alert(5)</script>",
    "--><img src=x onerror=alert(6)>",
    "</title></head><body onload=alert(7)>",
    "&quot;&gt;&lt;img src=x onerror=alert(8)&gt;",
    "&lt;script&gt;alert(9)&lt;/script&gt;",
    "<!--<script>",
    "\\\"};alert(10);//",
    "\u{2028}alert(11)\u{2029}",
    "{{ 7 * 191 }} {% raw %} {# x #} {{ site.title }}",
    "${7*191} #{7*191} <%= 7*191 %>",
    "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;",
    "</content></entry><entry>",
    "%0d%0aSet-Cookie: a=b",
    "\u{202e}gnp.exe\u{202c} \u{2066}x",
    "../../../../outside",
    "..\\..\\outside C:\\x",
    "a\u{0}b\u{7}c\u{1b}[31md\u{85}e",
    "<mark></mark><mark><img src=x onerror=alert(12)>",
    "javascript:alert(13)",
    "__proto__ constructor toString hasOwnProperty",
    "' onfocus=alert(14) x='",
];

/// Returns a site with every fragment and every breakout, in three kinds of files.
pub(crate) fn site(config: &str) -> Site {
    with(fields(config), fragment_posts())
        // Pictures that fragments refer to may stay.
        .file("static/x", "")
        .file("static/javascript&", "")
        .reply("harmless", "Harmless", "plain", "News")
}

/// Returns a site with every breakout in every field.
pub(crate) fn fields(config: &str) -> Site {
    with(Site::with_config(config), field_posts())
}

fn with(mut site: Site, posts: Vec<(String, String)>) -> Site {
    for (name, text) in posts {
        // A file with a NUL byte would count as binary.
        site = site.file(&format!("content/{name}"), text.replace('\0', "&#0;"));
    }
    site
}

/// Puts a fragment into a context: a block of its own, running text, or another place in Markdown.
///
/// No context reaches beyond its own block, so a missing end hides no other fragment.
pub(crate) fn in_context(fragment: &str, context: usize) -> String {
    let within = |prefix: &str| fragment.replace('\n', &format!("\n{prefix}"));
    match context % 9 {
        0 => format!("> {}\n", within("> ")),
        1 => format!("Words {fragment} words.\n"),
        2 => format!("- {}\n", within("  ")),
        3 => format!("## {fragment}\n"),
        4 => format!("| a | b |\n|---|---|\n| {fragment} | x |\n"),
        5 => format!("[{fragment}](/)\n"),
        6 => format!("**{fragment}** *x {fragment}*\n"),
        7 => format!("![{fragment}](/favicon.svg)\n"),
        _ => format!("```{fragment}\nlet x = \"{fragment}\";\n```\n"),
    }
}

/// Returns posts that contain each fragment in two contexts.
fn fragment_posts() -> Vec<(String, String)> {
    let mut posts = Vec::new();
    for group in groups() {
        for (at, fragments) in group.fragments.chunks(IN_A_POST).enumerate() {
            let mut text = format!("---\ntitle: Fragments {} {at}\n---\n", group.name);
            for (nth, fragment) in fragments.iter().enumerate() {
                let _ = write!(text, "{nth}:\n\n{}\n", in_context(fragment, nth % 2 * 2));
                let _ = write!(text, "and:\n\n{}\n", in_context(fragment, nth + at));
            }
            // The last fragment is not inside any block that could contain it.
            let _ = write!(text, "The end.\n\n{}\n", fragments[0]);
            posts.push((format!("{}-{at}.md", group.name), text));
        }
    }
    posts
}

/// Returns posts with every breakout in every field, for each kind of file.
fn field_posts() -> Vec<(String, String)> {
    let mut posts = Vec::new();
    for (at, breakout) in BREAKOUTS.iter().enumerate() {
        let json = serde_json::to_string(breakout).unwrap();
        let line = breakout.replace(['\n', '\r'], " ");
        posts.push((
            format!("field-{at}.md"),
            // A JSON string is also a YAML string.
            format!(
                "---\ntitle: {json}\ndescription: {json}\ntags: [{json}, \"t{at}\"]\n\
                 categories: [{json}]\nslug: {json}\nauthor: {json}\ncover: {json}\n\
                 cover_alt: {json}\nupdated: {json}\ndisclosure: {json}\n\
                 digital_source_type: {json}\naliases: [{json}]\n{json}: {json}\n---\n\
                 ## {line}\n\nSearchable{at} {line}\n\n[{line}][{line}] and [^{line}].\n\n\
                 [{line}]: </favicon.svg> \"{line}\"\n[^{line}]: {line}\n\n\
                 ![{line}](/favicon.svg \"{line}\")\n"
            ),
        ));
        let [path, former] = ["stated", "former"]
            .map(|folder| serde_json::to_string(&format!("/{folder}/{breakout}")).unwrap());
        posts.push((
            format!("address-{at}.md"),
            format!(
                "---\ntitle: Address {at}\npermalink: {path}\naliases: [{json}, {former}]\n\
                 canonical: {json}\nseries: {json}\nauthors: [{json}, {{name: {json}, url: {json}}}]\n\
                 extra:\n  {json}: {json}\n---\nAddress {at} and {GLOBAL}.\n"
            ),
        ));
        posts.push((
            format!("pages/page-{at}.md"),
            format!(
                "---\ntitle: {json}\ndescription: {json}\nmenu: {json}\nweight: {json}\n\
                 template: {json}\nslug: page-{at}\n---\nPage {at}.\n\n{line}\n"
            ),
        ));
        posts.push((
            format!("reply-{at}.txt"),
            format!(
                "TITLE: Reply {at} {line}\nMETA_DESCRIPTION: {line}\nTAGS: {line}, r{at}\n\
                 CATEGORIES: {line}\nSLUG: {line}\nAUTHOR: {line}\n\n{line}\n\n{GLOBAL}\n\n-EndOFText-\n"
            ),
        ));
        posts.push((
            format!("object-{at}.json"),
            format!(
                "{{\"title\": {}, \"description\": {json}, \"tags\": [{json}], \
                 \"categories\": [{json}], \"slug\": {json}, {json}: {json}, \"content\": {}}}",
                serde_json::to_string(&format!("Object {at} {breakout}")).unwrap(),
                serde_json::to_string(&format!("Text of object {at}.\n\n{breakout}\n")).unwrap(),
            ),
        ));
    }
    posts
}
