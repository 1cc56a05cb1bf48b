use std::fs;
use std::path::Path;

use pressrun_posts::post::Post;
use pressrun_posts::post::review::format_text_hash;
use pressrun_site::pipeline::make_read_settings;
use pressrun_site::review::ReviewBook;
use proptest::prelude::*;
use tempfile::TempDir;

use super::content_file::read_bytes;
use super::*;

const SOURCE: &str = "source:\n  file: replies/july.jsonl\n  generated: true\n  reply: \"00\"\n  \
                      words: \"00\"\n  hash: \"00\"\n";

/// A site with one content file.
struct TestSite {
    folder: TempDir,
    file: Arc<str>,
}

impl TestSite {
    fn new(file: &str, text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        let file = file.into();
        Self { folder, file }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn text(&self) -> String {
        fs::read_to_string(self.root().join(&*self.file)).unwrap()
    }

    fn posts(&self) -> Vec<Post> {
        let settings = make_read_settings(&Config::default());
        read_bytes(&self.file, self.text().into_bytes(), &settings).posts
    }

    fn target(&self) -> ReviewTarget {
        let post = self.posts().remove(0);
        ReviewTarget {
            file: Arc::clone(&self.file),
            line: post.source.line,
            hash: post.text_hash,
        }
    }

    fn apply(&self, action: &ReviewAction) -> Result<AppliedAction, ReviewFault> {
        self.apply_to(&self.target(), action)
    }

    fn apply_to(
        &self,
        target: &ReviewTarget,
        action: &ReviewAction,
    ) -> Result<AppliedAction, ReviewFault> {
        let reviewer = Reviewer {
            by: "Ann".to_owned(),
            on: "2026-11-28".parse().unwrap(),
        };
        apply_action(self.root(), &Config::default(), target, action, &reviewer)
    }

    fn book(&self) -> Option<String> {
        fs::read_to_string(self.root().join("reviews.toml")).ok()
    }
}

fn reject() -> ReviewAction {
    ReviewAction::Reject {
        why: "thin: \"says\" nothing".to_owned(),
    }
}

/// Checks what a front matter says after an approval, and that revoking gives the old bytes back.
#[track_caller]
fn check_approval(before: &str, expected: &str) {
    let site = TestSite::new("content/a.md", before);
    let hash = format_text_hash(site.target().hash);
    let applied = site.apply(&ReviewAction::Approve).unwrap();
    assert_eq!(site.text().replace(&hash, "HASH"), expected);
    assert!(!applied.in_book && site.book().is_none());
    undo_action(site.root(), &applied).unwrap();
    assert_eq!(site.text(), before);
    site.apply(&ReviewAction::Approve).unwrap();
    site.apply(&ReviewAction::Revoke).unwrap();
    assert_eq!(site.text(), before);
}

#[test]
fn approval_in_yaml_changes_no_other_byte() {
    check_approval(
        "---\ntitle: Tea # mine\ntags: [a,  b]\n---\n\nText.\n",
        "---\ntitle: Tea # mine\ntags: [a,  b]\napproved:\n  hash: \"HASH\"\n  by: \"Ann\"\n  \
         on: 2026-11-28\n---\n\nText.\n",
    );
    check_approval(
        "\u{feff}<!-- note -->\n\n---\r\ntitle: Tea\r\n---\r\nText.\r\nMore.\n",
        "\u{feff}<!-- note -->\n\n---\r\ntitle: Tea\r\napproved:\r\n  hash: \"HASH\"\r\n  by: \"Ann\"\r\n  \
         on: 2026-11-28\r\n---\r\nText.\r\nMore.\n",
    );
}

#[test]
fn approval_in_toml_changes_no_other_byte() {
    check_approval(
        "+++\ntitle = 'Tea' # mine\ntags = [\n  'a',\n]\n\n[extra]\nb = 1\n+++\nText.\n",
        "+++\ntitle = 'Tea' # mine\ntags = [\n  'a',\n]\napproved = { hash = \"HASH\", by = \"Ann\", \
         on = 2026-11-28 }\n\n[extra]\nb = 1\n+++\nText.\n",
    );
}

#[test]
fn post_of_generate_is_no_draft_once_it_is_approved() {
    check_approval(
        &format!("---\ntitle: Tea\ndraft: true # of a model\n{SOURCE}---\n\nText.\n"),
        &format!(
            "---\ntitle: Tea\ndraft: false # of a model\n{SOURCE}approved:\n  hash: \"HASH\"\n  \
             by: \"Ann\"\n  on: 2026-11-28\n---\n\nText.\n"
        ),
    );
}

#[test]
fn draft_of_an_author_stays_one() {
    let text = "---\ntitle: Tea\ndraft: true\n---\n\nText.\n";
    let site = TestSite::new("content/a.md", text);
    let applied = site.apply(&ReviewAction::Approve).unwrap();
    assert_eq!(applied.still_draft, Some(DraftCause::Author));
    assert!(site.posts()[0].draft);
    let site = TestSite::new("content/_drafts/a.md", "---\ntitle: Tea\n---\n\nText.\n");
    let applied = site.apply(&ReviewAction::Approve).unwrap();
    assert_eq!(applied.still_draft, Some(DraftCause::Folder));
    let site = TestSite::new(
        "content/a.txt",
        "TITLE: Tea\nDRAFT: yes\n\nText.\n-EndOFText-\n",
    );
    let applied = site.apply(&ReviewAction::Approve).unwrap();
    assert_eq!(applied.still_draft, Some(DraftCause::Reply));
}

#[test]
fn rejection_takes_the_place_of_an_approval() {
    let site = TestSite::new("content/a.md", "---\ntitle: Tea\n---\n\nText.\n");
    site.apply(&ReviewAction::Approve).unwrap();
    site.apply(&reject()).unwrap();
    let review = site.posts().remove(0).review.unwrap();
    assert_eq!(review.approved, None);
    let why = review.rejected.unwrap().why;
    assert_eq!(why.as_deref(), Some("thin: \"says\" nothing"));
    site.apply(&ReviewAction::Draft).unwrap();
    assert_eq!(site.text(), "---\ntitle: Tea\ndraft: true\n---\n\nText.\n");
}

#[test]
fn replies_that_are_read_as_they_are_have_their_marks_in_the_book() {
    let text = "TITLE: Tea\nTAGS: a\n\nText.\n-EndOFText-\n\
                TITLE: Bees\nTAGS: b\n\nBees dance.\n-EndOFText-\n";
    let site = TestSite::new("content/a.txt", text);
    let applied = site.apply(&ReviewAction::Approve).unwrap();
    assert!(applied.in_book && applied.still_draft.is_none());
    let book = ReviewBook::parse(&site.book().unwrap()).unwrap();
    let entry = book.find_approved(site.target().hash).unwrap();
    assert_eq!((&*entry.title, &*entry.file), ("Tea", "content/a.txt"));
    let second = site.posts()[1].text_hash;
    let target = ReviewTarget {
        hash: second,
        ..site.target()
    };
    let before = site.book();
    let other = site.apply_to(&target, &reject()).unwrap();
    let book = ReviewBook::parse(&site.book().unwrap()).unwrap();
    assert!(book.find_rejected(second).is_some() && book.approved.len() == 1);
    // Each can be undone, in any order.
    undo_action(site.root(), &other).unwrap();
    assert_eq!(site.book(), before);
    let other = site.apply_to(&target, &reject()).unwrap();
    undo_action(site.root(), &applied).unwrap();
    let book = ReviewBook::parse(&site.book().unwrap()).unwrap();
    assert!(book.approved.is_empty() && book.rejected.len() == 1);
    undo_action(site.root(), &other).unwrap();
    assert_eq!((site.book(), site.text()), (None, text.to_owned()));
}

#[test]
fn entries_about_former_texts_go_when_an_approval_is_revoked() {
    let site = TestSite::new("content/a.txt", "TITLE: Tea\n\nText.\n-EndOFText-\n");
    site.apply(&ReviewAction::Approve).unwrap();
    fs::write(
        site.root().join("content/a.txt"),
        "TITLE: Tea\n\nA better text.\n-EndOFText-\n",
    )
    .unwrap();
    site.apply(&ReviewAction::Revoke).unwrap();
    assert_eq!(site.book(), None);
}

#[test]
fn book_keeps_what_people_wrote_into_it() {
    let site = TestSite::new("content/a.txt", "TITLE: Tea\n\nText.\n-EndOFText-\n");
    let hash = format_text_hash(site.target().hash);
    let other = "# ours\n\n[[approved]] # first\nhash = '0000000000000000000000000000000a'\nfile = \
                 'f'\ntitle = 't'\nby = 'Bo'\n";
    let text = format!(
        "{other}\n# wrong\n[[rejected]]\nhash = '{hash}'\nfile = 'content/a.txt'\ntitle = 'Tea'\nby = \
         'Bo'\n# end\n"
    );
    fs::write(site.root().join("reviews.toml"), &text).unwrap();
    let applied = site.apply(&ReviewAction::Approve).unwrap();
    assert_eq!(
        site.book().unwrap(),
        format!(
            "{other}\n# wrong\n# end\n\n[[approved]]\nhash = \"{hash}\"\nfile = \"content/a.txt\"\n\
             title = \"Tea\"\nby = \"Ann\"\non = 2026-11-28\n"
        )
    );
    undo_action(site.root(), &applied).unwrap();
    let book = ReviewBook::parse(&site.book().unwrap()).unwrap();
    assert!(book.find_rejected(site.target().hash).is_some());
}

#[test]
fn text_that_was_edited_in_the_meantime_is_not_approved() {
    let site = TestSite::new("content/a.md", "---\ntitle: Tea\n---\n\nText.\n");
    let target = site.target();
    let applied = site.apply(&ReviewAction::Approve).unwrap();
    let edited = site.text().replace("Text.", "Another text.");
    fs::write(site.root().join("content/a.md"), &edited).unwrap();
    let fault = site.apply_to(&target, &ReviewAction::Approve).unwrap_err();
    assert!(matches!(fault, ReviewFault::TextChanged { .. }));
    let fault = undo_action(site.root(), &applied).unwrap_err();
    assert!(matches!(fault, ReviewFault::TextChanged { .. }));
    assert_eq!(site.text(), edited);
}

#[test]
fn front_matter_that_cannot_be_edited_safely_stays_as_it_is() {
    // Another use of the key, keys in braces, and an anchor that is needed.
    for text in [
        "---\ntitle: Tea\napproved: true\n---\n\nText.\n",
        "---\n{title: Tea}\n---\n\nText.\n",
        "{\"title\": \"Tea\"}\n\nText.\n",
    ] {
        let site = TestSite::new("content/a.md", text);
        assert!(site.apply(&ReviewAction::Approve).unwrap().in_book);
        assert_eq!(site.text(), text);
    }
    let text = "---\n{title: Tea, draft: true, source: {generated: true, file: a, reply: b, hash: c}}\n---\nText.\n";
    let site = TestSite::new("content/a.md", text);
    let fault = site.apply(&ReviewAction::Approve).unwrap_err();
    assert!(matches!(fault, ReviewFault::Unmarkable { .. }), "{fault}");
    assert_eq!(site.text(), text);
}

#[test]
fn approvals_at_the_same_time_are_all_kept() {
    let reply = |n: usize| format!("TITLE: Tea {n}\nTAGS: a{n}\n\nText {n}.\n-EndOFText-\n");
    let text: String = (0..8).map(reply).collect();
    let site = TestSite::new("content/a.txt", &text);
    let posts = site.posts();
    assert_eq!(posts.len(), 8);
    std::thread::scope(|scope| {
        for post in &posts {
            let target = ReviewTarget {
                hash: post.text_hash,
                ..site.target()
            };
            let site = &site;
            scope.spawn(move || site.apply_to(&target, &ReviewAction::Approve).unwrap());
        }
    });
    let book = ReviewBook::parse(&site.book().unwrap()).unwrap();
    assert_eq!(book.approved.len(), 8);
}

#[test]
fn approval_needs_a_name() {
    let site = TestSite::new("content/a.md", "---\ntitle: Tea\n---\n\nText.\n");
    let reviewer = Reviewer {
        by: " \u{200b}".to_owned(),
        on: "2026-11-28".parse().unwrap(),
    };
    let target = site.target();
    let fault = apply_action(
        site.root(),
        &Config::default(),
        &target,
        &ReviewAction::Approve,
        &reviewer,
    );
    assert!(matches!(fault.unwrap_err(), ReviewFault::Name));
}

#[test]
fn nothing_outside_of_the_content_is_touched() {
    let site = TestSite::new("content/a.md", "---\ntitle: Tea\n---\n\nText.\n");
    for file in ["../a.md", "content/../site.md", "/a.md", "site.toml", ""] {
        let target = ReviewTarget {
            file: file.into(),
            ..site.target()
        };
        let fault = site.apply_to(&target, &ReviewAction::Approve).unwrap_err();
        assert!(matches!(fault, ReviewFault::Outside { .. }), "{file}");
    }
    #[cfg(unix)]
    {
        let other = TestSite::new("b.md", &site.text());
        let link = site.root().join("content/b.md");
        std::os::unix::fs::symlink(other.root().join("b.md"), link).unwrap();
        let target = ReviewTarget {
            file: "content/b.md".into(),
            ..site.target()
        };
        let fault = site.apply_to(&target, &ReviewAction::Approve).unwrap_err();
        assert!(matches!(fault, ReviewFault::Outside { .. }));
        assert_eq!(other.text(), site.text());
    }
}

/// Lines of front matter, some of them unusual.
fn front_matter_line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("tags: [tea, \"black: tea\"]\n".to_owned()),
        Just("tags:\n- tea\n- bees\n\n".to_owned()),
        Just("description: >-\n  A folded\n  text.\n\n".to_owned()),
        Just("note: |+\n  Kept.\n\n".to_owned()),
        Just("# approved: by nobody\n".to_owned()),
        Just("'draft': \"true\"\n".to_owned()),
        Just("draft: true\n".to_owned()),
        Just("base: &a {b: 1}\nother: *a\n".to_owned()),
        Just("subtitle: \"a\n  b\"\r\n".to_owned()),
        Just("approvals: 3\n".to_owned()),
        Just("approved: true\n".to_owned()),
        Just("rejected: [1]\n".to_owned()),
        "[a-z]{1,6}: [a-zé#:' -]{0,12}\n",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn marks_change_nothing_that_readers_see(
        lines in prop::collection::vec(front_matter_line(), 0..6),
        generated in any::<bool>(),
        body in "[a-z.\n#-]{1,30}",
    ) {
        let source = if generated { SOURCE } else { "" };
        let text = format!("---\ntitle: Tea\n{}{source}---\nText. {body}\n", lines.concat());
        let site = TestSite::new("content/a.md", &text);
        prop_assume!(!site.posts().is_empty());
        let (before, target) = (site.posts(), site.target());
        for action in [ReviewAction::Approve, reject()] {
            match site.apply(&action) {
                Ok(_) => {
                    let after = site.posts();
                    prop_assert_eq!(before.len(), after.len());
                    prop_assert_eq!(after[0].text_hash, target.hash);
                    prop_assert_eq!(&after[0].extra, &before[0].extra);
                    prop_assert_eq!(&after[0].body, &before[0].body);
                    site.apply(&ReviewAction::Revoke).unwrap();
                }
                Err(fault) => {
                    let is_refused = matches!(fault, ReviewFault::Unmarkable { .. });
                    prop_assert!(is_refused);
                }
            }
            let spelt = site.text().replace("'draft': true", "'draft': \"true\"");
            prop_assert_eq!(spelt, text.clone());
        }
    }
}
