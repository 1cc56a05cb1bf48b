//! Clean prose in 16 languages, with the typography of each, is unchanged by reading.

use super::*;

/// The code of a language, and some paragraphs about a garden, a market or a river.
const PROSE: [(&str, &str); 16] = [
    (
        "en",
        "The gate hung on one hinge — “as it always had,” she said — and the path behind it was \
         gone. It’s odd what a winter takes.\n\nWe’d planted beans there, ’98 or ’99; the twine was \
         still up. Sure, nobody waters a garden by letter. Certainly nobody answers.\n\nShould I \
         pull it all out? I let it stand.",
    ),
    (
        "de",
        "„Wer hat das Tor offen gelassen?“, fragte sie – und niemand antwortete. Im Garten standen \
         die Bohnen hüfthoch, z.\u{A0}B. die gelben.\n\nNatürlich war es der Wind. Am 3.\u{A0}Mai \
         hatte er schon einmal 40\u{A0}% der Blüten geholt; ›halb so schlimm‹, hieß es damals.\n\n\
         Soll ich es dir sagen? Ich weiß es selbst nicht. Schöne Grüße aus Übersee, Straße 7.",
    ),
    (
        "fr",
        "«\u{A0}Tu viens\u{202F}?\u{A0}» demanda-t-elle\u{A0}; le marché fermait à 18\u{A0}h. \
         L’œuf coûtait 0,25\u{A0}€, et Noël approchait…\n\nBien sûr, il pleuvait. Voilà ce que \
         c’est que d’attendre\u{A0}: on finit mouillé, ou l’on rentre.\n\nSouhaitez-vous la suite \
         de l’histoire\u{202F}? Elle est courte\u{202F}: nous sommes rentrés.",
    ),
    (
        "es",
        "—¿Quién dejó abierta la puerta? —preguntó ella—. ¡Otra vez el viento!\n\nClaro que nadie \
         contestó. En el mercado vendían «higos de la víspera» a 2,50\u{A0}€ el kilo, y el señor \
         Núñez pesaba despacio.\n\n¿Te gustaría volver? A mí también, pero el pingüino del cartel \
         ya no está.",
    ),
    (
        "pt",
        "— Quem deixou o portão aberto? — perguntou ela. Não havia ninguém; só o vento e três \
         galinhas.\n\nClaro, a feira já tinha acabado. Às 18h30 restavam limões, coentro e uma \
         canção que ninguém pediu.\n\nQuer saber o fim? A MANHÃ chegou, e São João também.",
    ),
    (
        "it",
        "«Chi ha lasciato aperto il cancello?» chiese lei; perché, com’è noto, il vento non \
         risponde.\n\nCerto, al mercato c’era ancora qualcosa: un’arancia, due etti d’uva, e la \
         radio accesa dall’alba.\n\nEcco com’è finita. Più o meno così, giù al fiume.",
    ),
    (
        "nl",
        "‘Wie heeft het hek laten openstaan?’ vroeg ze. ’s Avonds, zei men, doet de wind dat zelf; \
         in de zomer niet.\n\nNatuurlijk geloofde niemand het. Op de markt lag nog één bos \
         radijzen, à €\u{A0}1,20, en een geïrriteerde eend.\n\nZal ik je iets vertellen? We zijn \
         naar huis gegaan, via de IJssel.",
    ),
    (
        "pl",
        "– Kto zostawił otwartą furtkę? – spytała. „To wiatr”, odparł ktoś zza płotu, choć tego \
         dnia było cicho.\n\nOczywiście, targ już zamknięto. Zostały śliwki, źdźbło trawy i \
         żółta łódka na wodzie.\n\nOto cała historia. Wróciliśmy o 18:30, przed deszczem.",
    ),
    (
        "ru",
        "— Кто оставил калитку открытой? — спросила она. «Ветер», — ответили из-за забора; впрочем, \
         ветра в тот день не было.\n\nКонечно, рынок уже закрылся. Оставались сливы, ёжик под \
         лавкой и объявление 1998\u{A0}года.\n\nВот и вся история. Хотите верьте, хотите нет.",
    ),
    (
        "tr",
        "“Kapıyı kim açık bıraktı?” diye sordu. Rüzgâr İzmir’den eser, ılık ılık; ama o gün hiç \
         esmedi.\n\nElbette pazar kapanmıştı. Geriye üç limon, bir çağla ve Şükrü’nün şarkısı \
         kaldı.\n\nİşte bütün hikâye bu. Isterseniz siz de gidin, İstanbul uzak değil.",
    ),
    (
        "id",
        "“Siapa yang membiarkan gerbang terbuka?” tanyanya. Angin, kata orang, meski hari itu tidak \
         berangin.\n\nTentu pasar sudah tutup. Yang tersisa tiga butir telur, seikat kangkung, dan \
         lagu lama dari radio.\n\nInilah akhirnya: kami pulang lewat sungai. Baik, begitu saja.",
    ),
    (
        "ar",
        "«من ترك البوابة مفتوحة؟» سألت، ولم يجب أحد. كانت الريح هادئة ذلك اليوم، والحديقة \
         خضراء.\n\nبالطبع كان السوق قد أُغلق، ولم يبقَ فيه إلا ٣ ليمونات وأغنية قديمة (C++\u{200F} \
         كانت على قميص البائع).\n\nأما النهاية فقصيرة: عدنا إلى البيت من جهة النهر؛ كان \
         المساء جميلًا.",
    ),
    (
        "hi",
        "“फाटक किसने खुला छोड़ा?” उसने पूछा। हवा ने, किसी ने कहा, हालाँकि उस दिन हवा थी ही नहीं।\n\n\
         ज़रूर बाज़ार बंद हो चुका था। तीन नींबू, एक पुराना गीत और क्\u{200D}ष लिखा हुआ बोर्ड बचा \
         था।\n\nबस इतनी सी बात है। हम नदी के रास्ते घर लौट आए — शाम के ६:३० बजे।",
    ),
    (
        "zh",
        "“谁把门开着？”她问。没有人回答——那天其实没有风。\n\n当然，集市早已散了。只剩下三个柠檬、一首老歌，\
         还有《河边》那本书……\n\n以下的事你都知道：我们沿着河走回了家。需要我再说一遍“晚安”的人，已经睡了。",
    ),
    (
        "ja",
        "「門を開けたままにしたのは誰？」と彼女は聞いた。返事はない。その日は風もなかったのだ。\n\n\
         わかりました、と市場の人は笑った。残っていたのはレモンが三つと、ラジオの古い歌だけ。\n\n\
         こちらは川沿いの道で帰った。『夕方六時半』のことである。",
    ),
    (
        "ko",
        "“누가 대문을 열어 두었을까?” 그녀가 물었다. 대답은 없었다. 그날은 바람도 불지 않았다.\n\n\
         물론 장은 이미 끝나 있었다. 남은 것은 레몬 세 개와 오래된 노래뿐이었다.\n\n네, 그게 \
         전부다. 우리는 강을 따라 집으로 돌아왔다.",
    ),
];

#[test]
fn clean_prose_in_16_languages_is_unchanged_by_reading() {
    for (language, prose) in PROSE {
        let text = format!("---\ntitle: 1998\nlanguage: {language}\n---\n\n{prose}\n");
        let result = check("a.md", &text, &[("1998", prose)], &[]);
        assert!(!result.posts[0].draft, "{language}");
        // The same without front matter, and under labels.
        let text = format!("# 1998\n\n{prose}\n");
        check("a.md", &text, &[("1998", prose)], &[]);
        check("a.txt", &labelled(prose), &[("Green Tea", prose)], &[]);
        // And in JSON.
        let record = serde_json::json!({ "title": "1998", "content": prose });
        check("a.json", &record.to_string(), &[("1998", prose)], &[]);
    }
}

#[test]
fn clean_prose_stays_between_headings_lists_and_quotes() {
    for (_, prose) in PROSE {
        let parts: Vec<&str> = prose.split("\n\n").collect();
        let body = format!(
            "{}\n\n## 1\n\n- {}\n- a\n\n> {}\n\n| a | b |\n|---|---|\n| 1 | 2 |",
            parts[0], parts[1], parts[2]
        );
        check_body(&body, &body, &[]);
    }
}

#[test]
fn language_of_the_file_name_counts_unless_the_text_states_another() {
    let mut settings = ReadSettings::default();
    settings.file_language = Some("de".to_owned());
    let read = |text: &str| {
        let input = FileInput {
            path: "a.de.md".into(),
            bytes: text.as_bytes().to_vec(),
        };
        let mut posts = read_file(&input, &settings).posts;
        let post = posts.remove(0);
        (post.language.unwrap(), post.slug)
    };
    // What it looks like does not count.
    let english = PROSE[0].1;
    let german = ("de".to_owned(), "fuer-kuechen".to_owned());
    assert_eq!(read(&format!("# Für Küchen\n\n{english}")), german);
    let stated = read(&format!("---\nlang: fr\ntitle: Cuisines\n---\n\n{english}"));
    assert_eq!(stated.0, "fr");
}
