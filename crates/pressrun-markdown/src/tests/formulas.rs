//! Formulas: what a page shows, what is reported, and what they can never cost.

use super::*;

/// Returns the `MathML` of a formula without its frame and source.
fn mathml(formula: &str) -> String {
    let page = rendered(formula);
    assert_eq!(page.faulty_formulas, [], "{formula}");
    let html = page.html_as_written();
    let start = html.find("<semantics><mrow>").map_or(0, |at| at + 17);
    let end = html.find("</mrow><annotation").unwrap_or(html.len());
    html[start..end].to_owned()
}

#[test]
fn formulas_become_mathml_with_their_source() {
    check(
        "$a_b < c$",
        "<p><span class=\"math math-inline\"><math><semantics><mrow><msub><mi>a</mi><mrow><mi>b</mi></mrow>\
         </msub><mo>&lt;</mo><mi>c</mi></mrow><annotation encoding=\"application/x-tex\">a_b &lt; c</annotation>\
         </semantics></math></span></p>\n",
    );
    for body in ["$$x$$", "```math\nx\n```"] {
        check(
            body,
            "<p><span class=\"math math-display\" tabindex=\"0\"><math display=\"block\"><semantics><mrow><mi>x</mi>\
             </mrow><annotation encoding=\"application/x-tex\">x</annotation></semantics></math></span></p>\n",
        );
    }
    check_feed(
        "$$x$$",
        "<p><math display=\"block\"><mi>x</mi></math></p>\n",
    );
}

#[test]
fn commands_that_the_parser_lacks_are_rendered() {
    for (formula, expected) in [
        (r"$$\operatorname*{argmax}_x$$", "<munder><mi>argmax</mi>"),
        (r"$\text{5\% of \$3}$", "<mtext>5% of $3</mtext>"),
        (r"$\boxed{x}$", "<mrow class=\"math-boxed\">"),
        (r"$\color{red}x$", "mathcolor=\"#ff0000\""),
        (r"$\ce{H2O}$", "<mi mathvariant=\"normal\">O</mi>"),
        (r"$$a \\ b$$", "<mtable"),
        (
            r"$\begin{align} a &= b \label{x} \end{align}$",
            "class=\"math-align math-columns\"",
        ),
        (r"$x \tag{3}$", "<mtext>(3)</mtext>"),
    ] {
        let mathml = mathml(formula);
        assert!(mathml.contains(expected), "{formula}: {mathml}");
        assert!(!mathml.contains(" style="), "{mathml}");
    }
}

#[test]
fn macros_hold_for_the_rest_of_the_post() {
    let page = rendered("$$\\newcommand{\\E}{\\mathbb{E}}$$\n\n$\\E$ and `$\\E$`");
    assert_eq!(page.faulty_formulas, []);
    let html = page.html_as_written();
    assert_eq!(html.matches("<math>").count(), 1, "{html}");
    assert!(
        html.contains("<mi>𝔼</mi>") && html.starts_with("<p><span"),
        "{html}"
    );
}

#[test]
fn faulty_formulas_are_shown_as_code_and_reported_with_their_place() {
    let page = rendered("é **a** $\\frac{x}$ and $\\nonsense<$\n\n```math\n{\n```");
    let html = page.html_as_written();
    assert!(
        html.contains("<code class=\"math math-inline math-error\">$\\nonsense&lt;$</code>")
            && html.contains("<code class=\"math math-display math-error\">{</code>"),
        "{html}"
    );
    let places: Vec<_> = page
        .faulty_formulas
        .iter()
        .map(|faulty| (faulty.body_line, faulty.column))
        .collect();
    assert_eq!(places, [(0, Some(9)), (0, Some(24)), (2, None)]);
    assert!(page.faulty_formulas[1].message.contains("nonsense"));
}

#[test]
fn formulas_are_safe_beside_the_html_of_an_author() {
    let html =
        rendered("<b>x</b> $\\text{<img src=x onerror=y>}$ <math>y</math>").html_as_written();
    assert!(
        html.contains("<mtext>&lt;img src=x onerror=y&gt;</mtext>"),
        "{html}"
    );
    assert_eq!(html.matches("<math>").count(), 1, "{html}");
}

#[test]
fn hostile_formulas_take_linear_time() {
    for unit in [
        "{",
        "}",
        "\\sqrt",
        "\\frac1",
        "\\frac{1}",
        "x^",
        "x_{",
        "\\left(",
        "\\begin{matrix}",
        "\\hat",
        "\\not",
        "\\over",
        "\\text{",
        "\\text{$",
        "'",
        "&",
        "\\\\",
        "a",
        "1",
        "\\",
        "%",
        "\\ce{",
        "\\ce{A",
        "\\color{red}",
        "\\def\\a{\\a\\a}\\a",
        "\\tag",
        "\\limits",
        "α",
        "\\operatorname{",
        "\\boxed",
        "\\big(",
        "\\middle|",
        "\\substack{",
        "\\binom",
        "~",
        "<",
        "\\nonsense",
    ] {
        let long = unit.repeat(200_000 / unit.len());
        let middle = unit.repeat(15_000 / unit.len());
        let many = format!("${}$ ", unit.repeat(5)).repeat(500);
        for body in [format!("$$\n{long}\n$$"), format!("$$\n{middle}\n$$"), many] {
            let page = within_limit(unit, || rendered(&body));
            let length = page.html_as_written().len();
            assert!(length <= 200 * body.len() + 1000, "{unit} grew to {length}");
        }
    }
    let macros = "$\\def\\a{xxxxxxxxxxxxxxxxxxxxxxxxx}\\def\\b{\\a\\a\\a\\a\\a\\a\\a\\a}\\def\\c{\\b\\b\\b\\b\\b\\b}$ ";
    let page = rendered(&format!("{macros}{}", "$\\c$ ".repeat(2_000)));
    assert!(page.html_as_written().len() < 100_000_000);
}
