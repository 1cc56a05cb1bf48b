//! R8.1 to R8.3, R16.1: what models and their interfaces say around a text, in many languages.

use super::*;

#[test]
fn r8_1_preamble_may_follow_front_matter_or_stand_in_a_record() {
    check(
        "a.md",
        "---\ntitle: Tea\n---\n\nSure! Here is the article:\n\n---\n\nLeaves.",
        &[("Tea", "Leaves.")],
        &["chat-text-removed"],
    );
    check(
        "a.jsonl",
        r#"{"title": "Tea", "content": "Here is your blog post:\n\n## Leaves\n\nThey fall."}"#,
        &[("Tea", "## Leaves\n\nThey fall.")],
        &["chat-text-removed"],
    );
}

#[test]
fn r8_1_weak_opening_needs_a_colon_or_an_h1() {
    let text = "I'll write this post at the table.\n\n## Monday\n\nLeaves.";
    check(
        "a.md",
        &format!("---\ntitle: Tea\n---\n{text}"),
        &[("Tea", text)],
        &[],
    );
    check(
        "a.md",
        "I'll write a post about tea for you.\n\n# Tea\n\nLeaves.",
        &[("Tea", "Leaves.")],
        &["chat-text-removed"],
    );
    check(
        "a.md",
        "Great! A post for you.\n\n```markdown\n## Tea\n\nLeaves.\n```",
        &[("Tea", "Leaves.")],
        &["chat-text-removed"],
    );
}

#[test]
fn r8_1_and_r8_2_languages_are_tested_by_themselves() {
    for (preamble, closing) in [
        (
            "Natürlich! Hier ist der Artikel:",
            "Soll ich den Text noch kürzen?",
        ),
        (
            "Bien sûr ! Voici l'article :",
            "Souhaitez-vous que je le modifie ?",
        ),
        (
            "¡Claro! Aquí tienes el artículo:",
            "¿Quieres que cambie algo?",
        ),
        ("Claro! Aqui está o artigo:", "Quer que eu mude algo?"),
        ("Certo! Ecco l'articolo:", "Vuoi che modifichi il tono?"),
        (
            "Natuurlijk! Hier is het artikel:",
            "Wil je dat ik iets wijzig?",
        ),
        ("Jasne! Oto artykuł:", "Czy chcesz, abym coś zmienił?"),
        ("Конечно! Вот статья:", "Хотите, чтобы я что-то изменил?"),
        (
            "Elbette! İşte yazınız:",
            "Başlığı değiştirmek için bir şey yapmamı ister misiniz?",
        ),
        (
            "Tentu! Berikut adalah artikelnya:",
            "Apakah Anda ingin saya mengubahnya?",
        ),
        (
            "もちろんです。以下は記事です：",
            "修正があればお知らせください。",
        ),
        ("当然！以下是文章：", "您希望我修改吗？"),
        (
            "물론입니다! 다음은 블로그 글입니다:",
            "수정이 필요하면 말씀해 주세요.",
        ),
        ("بالتأكيد! إليك المقال:", "هل تريد أن أغير شيئا؟"),
        ("ज़रूर! यहाँ आपका लेख है:", "क्या आप चाहते हैं कि मैं कुछ बदलूँ?"),
    ] {
        let text = format!("{preamble}\n\n# 1\n\nx 2 3.\n\n{closing}");
        check("a.md", &text, &[("1", "x 2 3.")], &["chat-text-removed"]);
    }
    // The words of one language do not count for the phrases of another.
    let text = "Natürlich, Tee. The article follows.\n\n# Tea\n\nLeaves.";
    check(
        "a.md",
        text,
        &[("Tea", "Natürlich, Tee. The article follows.\n\n\nLeaves.")],
        &[],
    );
}

#[test]
fn r8_2_list_goes_with_its_closing() {
    check_body(
        "Leaves.\n\n---\n\nWould you like me to:\n\n* write more?\n\n* write less?",
        "Leaves.",
        &["chat-text-removed"],
    );
    check_body(
        "Leaves.\n\nYou need:\n\n* water",
        "Leaves.\n\nYou need:\n\n* water",
        &[],
    );
}

#[test]
fn r8_3_buttons_of_code_blocks() {
    check_body(
        "Run it:\n\nbash\nCopy\nEdit\nls\n\n```\nshCopyEditls -l\n```\n\n```\nCopyEdit\n```",
        "Run it:\n\nls\n\n```\nls -l\n```\n\n```\nCopyEdit\n```",
        &["chat-text-removed"],
    );
}

#[test]
fn r8_4_lead_in_stays() {
    let text = "Like this:\n\n![Tea](tea.png)\n\nRead more:\n\n- leaves";
    check_body(text, text, &[]);
    check_body(
        "Tea.\n\nLike this:\n\nLoading...",
        "Tea.",
        &["scrape-junk-removed"],
    );
}

#[test]
fn r16_1_refusals_of_other_languages() {
    for text in [
        "Es tut mir leid, aber dabei kann ich nicht helfen.",
        "Lo siento, pero no puedo ayudarte con esa solicitud.",
        "申し訳ありませんが、そのご依頼にはお応えできません。",
        "Извините, но я не могу помочь с этим запросом.",
        "죄송하지만 그 요청은 도와드릴 수 없습니다.",
    ] {
        check("a.txt", text, &[], &["refusal"]);
    }
    check(
        "a.txt",
        "Lo siento, abuela, hoy no puedo ir. El tren va lleno.",
        &[(
            "Lo siento, abuela, hoy no puedo ir",
            "Lo siento, abuela, hoy no puedo ir. El tren va lleno.",
        )],
        &["no-title-found"],
    );
}
