use super::*;

#[test]
fn formulas_are_spelled_in_known_commands() {
    for (formula, expected) in [
        (r"\frac12", r"\frac {1}{2}"),
        (r"\sqrt\frac1x^\alpha", r"\sqrt {\frac {1}{x}}^{\alpha }"),
        (r"{a \over b}", r"{\frac{a }{ b}}"),
        (r"n \choose k", r"\binom{n }{ k}"),
        (r"a\\b", r"\begin{gathered}a\\ b\end{gathered}"),
        (r"a&=b\\[2pt]c", r"\begin{aligned}a&=b\\ c\end{aligned}"),
        (
            r"\begin{align}a&b\label{x}\end{align}",
            r"\begin{align*}a&b\end{align*}",
        ),
        (r"x\tag{1}", r"x\qquad \text{(1)}"),
        (r"\operatorname*{arg\,max}_x", r"\mathop{arg max}_{x}"),
        (r"\text{if $x$ is \textbf{b}}", r"\text{if }{x}\text{ is b}"),
        (r"\left\{x\right.", r"\left\{ x\right. "),
        ("a % b\nc", "a c"),
    ] {
        assert_eq!(
            rewrite_formula(formula).as_deref(),
            Ok(expected),
            "{formula}"
        );
    }
}

#[test]
fn depth_is_limited_however_it_is_written() {
    for unit in [
        "{",
        "\\sqrt",
        "\\frac1",
        "\\frac{1}",
        "x^{",
        "\\left(",
        "\\begin{matrix}",
        "\\hat ",
        "\\boxed",
        "\\bm",
        "\\not",
        "\\bra",
    ] {
        for count in [61, 5_000] {
            let fault = rewrite_formula(&unit.repeat(count)).unwrap_err();
            let is_deep = matches!(
                fault,
                FormulaFault::TooDeep | FormulaFault::Unbalanced | FormulaFault::MissingArgument
            );
            assert!(is_deep, "{unit}: {fault:?}");
        }
    }
}
