//! R1, R13: ordinary text in any script is not changed.

use super::*;

#[track_caller]
fn check_unchanged(body: &str) {
    let post = one(&format!(
        "TITLE: Title\nTAGS: a\nCATEGORIES: News\n\n{body}\n\n-EndOFText-\n"
    ));
    assert_eq!(post.body, body);
}

#[test]
fn russian_text_keeps_words_that_look_latin() {
    check_unchanged(
        "Семена живут долго, если держать их в сухости.\n\n## Что нужно\n\n\
         Слова оса, сор и рот остаются как есть, и API с JSON тоже.",
    );
}

#[test]
fn greek_text_keeps_words_that_look_latin() {
    check_unchanged(
        "Οι σπόροι ζουν πολύ αν τους κρατήσετε στεγνούς.\n\n## Τι χρειάζεται\n\n\
         Η λέξη ΟΡΕΝ μένει όπως είναι, και το API επίσης.",
    );
}

#[test]
fn chinese_text_is_unchanged() {
    check_unchanged("种子如果保持干燥，可以存放很久。\n\n## 需要什么\n\n今天就可以开始。");
}

#[test]
fn arabic_text_keeps_its_marks_of_direction() {
    check_unchanged("تعيش البذور طويلا إذا بقيت جافة.\n\nكلمة \u{200e}JSON\u{200e} تبقى كما هي.");
}

#[test]
fn mathematics_keeps_its_greek_letters() {
    check_unchanged(
        "In prose ρgh, Aν, α+β≥γ, ∑ x_i² → ∞, ℝ³, 5 × 10⁻³ and H₂O.\n\n\
         $$\\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt{\\pi}}{2}$$\n\nΔx·Δp ≥ ħ/2 holds.",
    );
}
