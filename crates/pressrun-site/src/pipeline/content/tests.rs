use pressrun_posts::post::Moment;

use super::source::keep_what_works;
use super::*;
use pressrun_posts::post::PostSource;

#[test]
fn one_day_for_all_posts_without_a_date_is_noted() {
    let post = |stated: bool, day: i8, lasts: bool| {
        let day = Date::constant(2026, 1, day);
        let post = Post {
            date: stated.then_some(day),
            ..Post::default()
        };
        DatedPost {
            post: Arc::new(post),
            date: Some(day.into()),
            lasting_date: lasts.then(|| Moment::start_of_day(day)),
            ..DatedPost::default()
        }
    };
    let found = note_same_day(&[
        post(false, 1, false),
        post(true, 2, true),
        post(false, 1, false),
    ]);
    let message = found.unwrap().message;
    assert_eq!(
        message,
        "all 2 posts without a date get the day of their files, 2026-01-01"
    );
    for other in [
        post(false, 2, false),
        post(false, 1, true),
        post(true, 1, true),
    ] {
        assert_eq!(note_same_day(&[post(false, 1, false), other]), None);
    }
}

#[test]
fn panic_rejects_one_post_and_loses_no_other() {
    let post = |line| Post {
        source: PostSource {
            file: "content/a.txt".into(),
            line,
            index: 0,
        },
        ..Post::default()
    };
    let work = |post: Post| {
        assert_ne!(post.source.line, 5, "on purpose");
        Ok(post.source.line)
    };
    let (kept, found) = keep_what_works(vec![post(1), post(5), post(9)], Vec::new(), work).unwrap();
    assert_eq!(kept, [1, 9]);
    assert_eq!((found.len(), found[0].code), (1, Code::InternalError));
    assert_eq!(found[0].place.to_string(), "content/a.txt:5");
}
