//! Tests the highlighting of code, and its limits.

use super::*;

fn check(name: &str, code: &str, expected: &str) {
    check_result(name, code, expected, Ok(()));
}

fn check_result(name: &str, code: &str, expected: &str, result: Result<(), TooMuchWork>) {
    // Twice: the second time from memory.
    for _ in 0..2 {
        let mut out = String::new();
        let coloured = highlight_code(
            &mut out,
            code,
            find_code_language(name),
            &mut HighlightEffort::default(),
        );
        assert_eq!(out, expected);
        assert_eq!(coloured, result);
    }
}

#[test]
fn classes_are_short_and_equal_neighbours_are_one() {
    check(
        "rust",
        "pub fn f(x: u8) -> String {\n    \"a\\n\".into() // b < c\n}",
        "<span class=\"hl-k\">pub fn</span> <span class=\"hl-f\">f</span>(x: \
         <span class=\"hl-k\">u8</span>) -&gt; String {\n    \
         <span class=\"hl-s\">\"a</span><span class=\"hl-e\">\\n</span>\
         <span class=\"hl-s\">\"</span>.<span class=\"hl-f\">into</span>() \
         <span class=\"hl-c\">// b &lt; c</span>\n}",
    );
}

#[test]
fn a_state_is_carried_from_line_to_line() {
    check(
        "js",
        "/* a\n\n  b */ 1",
        "<span class=\"hl-c\">/* a</span>\n\n  <span class=\"hl-c\">b */</span> \
         <span class=\"hl-n\">1</span>",
    );
}

#[test]
fn diffs_are_coloured_by_line() {
    check(
        "diff",
        "@@ -1 +1 @@\n-a b\n+a c\n d",
        "<span class=\"hl-w\">@@ -1 +1 @@</span>\n<span class=\"hl-d\">-a b</span>\n\
         <span class=\"hl-i\">+a c</span>\n d",
    );
}

#[test]
fn in_consoles_only_commands_are_coloured() {
    check(
        "console",
        "$ ls 'a b'\nif x then\n",
        "<span class=\"hl-q\">$</span> <span class=\"hl-f\">ls</span> \
         <span class=\"hl-s\">'a b'</span>\nif x then\n",
    );
}

#[test]
fn keys_of_data_are_properties() {
    check(
        "json",
        "{\"a\": true}",
        "{<span class=\"hl-p\">\"a\"</span>: <span class=\"hl-b\">true</span>}",
    );
    check(
        "yaml",
        "a: 1",
        "<span class=\"hl-p\">a</span>: <span class=\"hl-n\">1</span>",
    );
    check(
        "toml",
        "a = 1",
        "<span class=\"hl-p\">a</span> = <span class=\"hl-n\">1</span>",
    );
}

#[test]
fn code_inside_strings_is_code() {
    check(
        "js",
        "`a ${b + 1} c`",
        "<span class=\"hl-s\">`a</span> ${b + <span class=\"hl-n\">1</span>} \
         <span class=\"hl-s\">c`</span>",
    );
}

#[test]
fn a_thread_goes_on_where_another_remembers_the_way() {
    let in_a_thread = |code: &'static str| {
        let write = move || {
            let mut out = String::new();
            let mut effort = HighlightEffort::default();
            let coloured = highlight_code(&mut out, code, find_code_language("java"), &mut effort);
            assert_eq!(coloured, Ok(()));
            out
        };
        std::thread::spawn(write)
            .join()
            .expect("highlighting does not panic")
    };
    in_a_thread("class A {\n  /* unusual\n     comment");
    assert_eq!(
        in_a_thread("class A {\n  /* unusual\n     other */ int")
            .lines()
            .last(),
        Some("     <span class=\"hl-c\">other */</span> <span class=\"hl-k\">int</span>"),
    );
}

#[test]
fn huge_blocks_and_long_lines_stay_plain() {
    let line = "let a = 1;".repeat(300);
    check_result("rust", &line, &line, Err(TooMuchWork));
    let block = "let a = 1;\n".repeat(7000);
    check_result("rust", &block, &block, Err(TooMuchWork));
    let blank = format!("a{}b", " ".repeat(101));
    check_result("ini", &blank, &blank, Err(TooMuchWork));
}

#[test]
fn slow_code_in_a_post_is_limited() {
    let mut effort = HighlightEffort::default();
    let long = "x".repeat(2000);
    let paid = (0..10).take_while(|_| effort.spend(&long)).count();
    assert_eq!(paid, 4);
    assert!(!effort.spend(&long));
}

#[test]
fn html_in_code_is_text() {
    check("text", "<script>", "&lt;script&gt;");
    for name in ["html", "php", "js", "md", "xml", "vue"] {
        let mut out = String::new();
        let code = "<script>alert(1)</script> & <b>";
        let coloured = highlight_code(
            &mut out,
            code,
            find_code_language(name),
            &mut HighlightEffort::default(),
        );
        assert_eq!(coloured, Ok(()));
        assert!(!out.contains("<script") && !out.contains("<b"), "{out}");
    }
}

#[test]
fn javascript_whose_syntax_walks_in_circles_is_coloured() {
    for name in ["js", "javascript", "mjs", "cjs", "node", "json5"] {
        check(
            name,
            "module.exports = App /* x */",
            "<span class=\"hl-b\">module</span>.<span class=\"hl-b\">exports</span> = App \
             <span class=\"hl-c\">/* x */</span>",
        );
        check(name, "x /*", "x <span class=\"hl-c\">/*</span>");
        check(
            name,
            "throw new Error(\"x\") /* y */",
            "<span class=\"hl-k\">throw new</span> <span class=\"hl-t\">Error</span>(\
             <span class=\"hl-s\">\"x\"</span>) <span class=\"hl-c\">/* y */</span>",
        );
        check(
            name,
            "promise\n  /* first */\n  .then(a)",
            "promise\n  <span class=\"hl-c\">/* first */</span>\n  \
             .<span class=\"hl-f\">then</span>(a)",
        );
    }
    for name in ["svelte", "vue", "html"] {
        check(
            name,
            "<script>\nmodule.exports = App /* x */\n</script>",
            "&lt;<span class=\"hl-g\">script</span>&gt;\n\
             <span class=\"hl-t\">module</span>.<span class=\"hl-t\">exports</span> = App \
             <span class=\"hl-c\">/* x */</span>\n\
             &lt;/<span class=\"hl-g\">script</span>&gt;",
        );
    }
}

#[test]
fn a_post_has_only_so_many_searches_also_of_lines_from_memory() {
    let mut effort = HighlightEffort {
        searches: 1000,
        ..HighlightEffort::default()
    };
    let blocks = (0..1000).take_while(|_| {
        let mut out = String::new();
        highlight_code(
            &mut out,
            "if a { b() }",
            find_code_language("rust"),
            &mut effort,
        )
        .is_ok()
    });
    let coloured = blocks.count();
    assert!((2..100).contains(&coloured), "{coloured}");
}
