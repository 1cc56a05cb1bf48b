//! The zone of a site by its name.

use pressrun_posts::diagnostic::quote_for_message;
use pressrun_posts::post::SiteZone;

use super::find_nearest_name;

/// Parses the name of a zone. The error is a message and what to do.
pub(super) fn parse_timezone(name: &str) -> Result<SiteZone, (String, Option<String>)> {
    SiteZone::parse(name).map_err(|known| {
        let message = format!("there is no time zone {}", quote_for_message(name));
        let help = match find_nearest_zone(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                "write a name of the IANA database such as `Europe/Berlin`, or `UTC`".to_owned()
            }
        };
        (message, Some(help))
    })
}

/// Returns the name that a wrong one most likely stands for: also without its continent, and in any
/// case of letters.
fn find_nearest_zone<'n>(name: &str, known: &'n [String]) -> Option<&'n str> {
    // No name is as long, and comparing takes quadratic time.
    if name.len() > 100 {
        return None;
    }
    let wanted = name.trim().replace(' ', "_").to_lowercase();
    let lower: Vec<String> = known.iter().map(|name| name.to_lowercase()).collect();
    let find = |part: fn(&str) -> &str| {
        let parts: Vec<&str> = lower.iter().map(|name| part(name)).collect();
        let near = find_nearest_name(part(&wanted), &parts)?;
        let at = parts.iter().position(|part| *part == near)?;
        Some(&*known[at])
    };
    let city: fn(&str) -> &str = |name| name.rsplit('/').next().unwrap_or(name);
    // A name without a continent is more like a city than like any whole name.
    let whole = || find(|name| name);
    if wanted.contains('/') {
        whole().or_else(|| find(city))
    } else {
        find(city).or_else(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_zone_is_reported_with_the_nearest_name() {
        let check = |name: &str, expected: &str| {
            let (message, help) = parse_timezone(name).unwrap_err();
            assert!(message.starts_with("there is no time zone `"), "{message}");
            assert!(help.unwrap().contains(expected), "{name}");
        };
        check("Europe/Berln", "did you mean `Europe/Berlin`?");
        check("berlin", "did you mean `Europe/Berlin`?");
        check("New York", "did you mean `America/New_York`?");
        check("xyzzy", "such as `Europe/Berlin`");
        check(&"/".repeat(100_000), "such as `Europe/Berlin`");
    }

    #[test]
    fn case_of_letters_does_not_count() {
        assert_eq!(parse_timezone("asia/tokyo").unwrap().name(), "Asia/Tokyo");
    }
}
