//! Fragments in the signs that are read besides Markdown: formulas, boxes, marks, names of pages.

use super::fragments::{HOST, RUNS, SCRIPT};

/// Returns formulas that try to make elements and attributes, or that look like formulas.
pub(super) fn formulas() -> Vec<String> {
    let inside = [
        RUNS.to_owned(),
        format!("\\text{{{RUNS}}}"),
        format!("\\text{{</mtext></math>{RUNS}}}"),
        format!("\\mathrm{{</annotation></semantics></math>{RUNS}}}"),
        format!("\\text{{&lt;img src=x onerror={SCRIPT}&gt;}}"),
        format!("\\href{{javascript:{SCRIPT}}}{{x}}"),
        format!("\\url{{{HOST}/a}}"),
        format!("\\includegraphics{{{HOST}/a.png}}"),
        format!("\\htmlData{{a={SCRIPT}}}{{x}}"),
        "\\htmlStyle{position:fixed;inset:0}{x}".to_owned(),
        "\\style{position:fixed}{x}".to_owned(),
        "\\class{skip}{x}".to_owned(),
        "\\cssId{_main}{x}".to_owned(),
        "\\htmlClass{site}{x}\\htmlId{_main}{x}".to_owned(),
        format!("\\color{{red\"onclick=\"{SCRIPT}}}x"),
        format!("\\textcolor{{#f00;background:url({HOST}/a)}}{{x}}"),
        format!("\\colorbox{{\"><img src=x onerror={SCRIPT}>}}{{x}}"),
        format!("\\hspace{{1em\" onclick=\"{SCRIPT}}}x"),
        format!("\\rule{{1em}}{{1em\"onload=\"{SCRIPT}}}"),
        format!("\\operatorname{{\" onclick={SCRIPT} x=\"}}x"),
        format!("\\begin{{\" onclick={SCRIPT} \"}}x\\end{{x}}"),
        format!("\\begin{{array}}{{c\" onclick=\"{SCRIPT}}}x\\end{{array}}"),
        format!("\\def\\x#1{{<#1 src=x onerror={SCRIPT}>}}\\x{{img}}"),
        format!("\\newcommand{{\\y}}{{</math>{RUNS}}}\\text{{\\y}}"),
        format!("\\unicode{{x3c}}img src=x onerror={SCRIPT}\\unicode{{x3e}}"),
        format!("\\char\"3C img src=x onerror={SCRIPT}\\char\"3E"),
        format!("\u{10}\u{17}img src=x onerror={SCRIPT}\u{18}\u{11}"),
        format!("\\ce{{{RUNS}}}"),
        format!("\\tag{{{RUNS}}}x\\label{{{RUNS}}}\\ref{{{RUNS}}}"),
        "\\phantom{x}\\boxed{x}\\cancel{x}\\colorbox{#0102fb}{x}".to_owned(),
    ];
    let mut found = Vec::new();
    for one in &inside {
        let line = one.replace('\n', " ");
        found.push(format!("${line}$"));
        found.push(format!("$$\n{one}\n$$"));
        found.push(format!("\\({line}\\) and \\[{line}\\]"));
        found.push(format!("```math\n{one}\n```"));
        found.push(format!("<p title=\"${line}$\">$x$</p> <b>${line}$</b>"));
    }
    for html in [
        "<math><mi>x</mi></math>",
        "<math><semantics><annotation-xml encoding=\"text/html\">@</annotation-xml></semantics></math>",
        "<math display=block><mtext>@</mtext></math>",
        "<span class=\"math math-inline\"><math>@</math></span>",
        "<span class=\"math math-display\" tabindex=0>$x$ @</span>",
        "<!-- $x$ @ -->$y$",
        "<a href=\"$x$\" title='$y$ @'>$z$</a>",
    ] {
        found.push(html.replace('@', RUNS));
    }
    found
}

/// Returns titles, marks, names and languages in the signs that are read besides Markdown.
pub(super) fn signs() -> Vec<String> {
    let places = [
        "==@==",
        "> [!NOTE] @\n> @",
        "> [!@]\n> x",
        "!!! note \"@\"\n    @",
        "??? @ \"@\"\n    @",
        ":::note @\n@\n:::",
        ":::@\nx\n:::",
        "::: {.@ title=\"@\"}\nx\n:::",
        "[[@]]",
        "[[harmless|@]]",
        "[[harmless#@|@]]",
        "![[@]]",
        "![[x|@]]",
        ":@: :smile@:",
        "www.@.example www.a.example/@",
        "a@@.example",
        "```rust title=\"@\"\nx\n```",
        "```rust {title='@' linenos=@ hl_lines=\"@\"}\nx\n```",
        "```rust:@\nx\n```",
        "```mermaid\n@\n```",
        "```@\n@\n```",
        "# x {#@ .@ @=@}",
        "{: .@ title=\"@\"}",
        "x\n: @",
        "*[@]: @\n\n@",
    ];
    let mut texts = vec![
        RUNS.to_owned(),
        format!("\"{RUNS}"),
        format!("\" onclick=\"{SCRIPT}"),
        format!("' onclick='{SCRIPT}"),
        format!("</pre></code></p>{RUNS}"),
        format!("javascript:{SCRIPT}"),
        "skip site copy".to_owned(),
        "]]>--></script>".to_owned(),
    ];
    texts.push(format!("&lt;img src=x onerror={SCRIPT}&gt;"));
    let mut found = Vec::new();
    for place in places {
        for text in &texts {
            found.push(place.replace('@', text));
        }
    }
    found
}

/// Returns formulas and titles that are too wide or too tall, or that lead out of their place.
pub(super) fn sizes() -> Vec<String> {
    let word = "w".repeat(3000);
    let mut found = Vec::new();
    for command in [
        "\\hspace{-900em}x",
        "\\hspace{900em}x",
        "\\kern-900emx",
        "\\mkern9000mu x",
        "\\hskip 9000pt x",
        "\\rule{900em}{900em}",
        "\\rule[-900em]{9em}{9em}",
        "\\raisebox{900em}{x}",
        "\\raise900em{x}",
        "\\lower900em\\hbox{x}",
        "\\vspace{-900em}x",
        "\\mathllap{wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww}",
        "\\llap{wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww}",
        "\\rlap{wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww}",
        "\\smash{\\begin{matrix}x\\\\x\\\\x\\\\x\\\\x\\\\x\\\\x\\\\x\\end{matrix}}",
        "\\begin{matrix}x\\\\[-900em]x\\\\[900em]x\\end{matrix}",
        "\\genfrac{(}{)}{900em}{0}{x}{y}",
        "\\colorbox{red}{\\hspace{-900em}x}",
        "\\!\\!\\!\\!\\!\\!\\!\\!\\!\\!\\!\\!\\!\\!\\!\\!\\!\\!x",
        "\\Biggl\\{\\Huge x",
    ] {
        found.push(format!("x ${command}$ y"));
        found.push(format!("$$\n{command}\n$$"));
    }
    found.push(format!("${}x{}$", "x^{".repeat(40), "}".repeat(40)));
    found.push(format!("${}x{}$", "\\frac{1}{".repeat(40), "}".repeat(40)));
    found.push(format!("$${}$$", "\\!".repeat(3000)));
    found.push(format!("$${}$$", "x\\\\".repeat(300)));
    found.push(format!("=={word}== :::note {word}\n{word}\n:::"));
    found.push(format!("> [!NOTE] {word}\n> {word}"));
    found.push(format!(
        "```rust {{title=\"{word}\" linenos=true}}\n{word}\n```"
    ));
    found.push(format!(
        "```rust title={word} showLineNumbers {{1}}\n{word}\n```"
    ));
    found.push(format!("[[{word}]] [[harmless|{word}]] www.{word}.example"));
    found
}
