//! Uses any text as a `site.toml` and, after a line of `%%%`, a reply that is read with its
//! categories, aliases and rule for categories off the list.

use pressrun_posts::content_file::{FileInput, read_file};
use pressrun_site::config::Config;
use pressrun_site::pipeline::make_read_settings;

/// Checks one input.
pub fn check_settings(bytes: &[u8]) {
    let text = super::text_of(bytes);
    let (toml, reply) = text
        .split_once("\n%%%\n")
        .unwrap_or((text, "TITLE: A\n\nText.\n"));
    let Ok(config) = Config::parse(toml) else {
        return;
    };
    let input = FileInput {
        path: "content/a.txt".into(),
        bytes: reply.as_bytes().to_vec(),
    };
    let allowed = &config.categories.allowed;
    let listed = !allowed.is_empty() && format!("{:?}", config.categories.off_list) != "Keep";
    let result = read_file(&input, &make_read_settings(&config));
    super::assert_no_panic(&result.diagnostics);
    for post in result.posts {
        assert!(
            !listed || post.categories.iter().all(|name| allowed.contains(name)),
            "{:?} of {allowed:?}",
            post.categories
        );
    }
}
