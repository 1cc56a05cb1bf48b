//! Recognises repositories on GitHub, and knows the addresses of their pages.

use pressrun_site::config::BaseUrl;

/// A repository on github.com.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitHubRepository {
    /// User or organisation.
    owner: String,
    name: String,
}

impl GitHubRepository {
    /// Returns the repository that the address of a remote means, if it is on github.com.
    ///
    /// Accepts `https://github.com/me/blog.git`, `git@github.com:me/blog`, `ssh://…`.
    pub fn of_remote(address: &str) -> Option<Self> {
        let (host, path) = match address.split_once("://") {
            Some(("https" | "http" | "ssh" | "git" | "git+ssh", rest)) => rest.split_once('/')?,
            Some(_) => return None,
            // The short form of ssh: `git@github.com:me/blog`.
            None => address.split_once(':')?,
        };
        // Without the user name and the port.
        let host = host.rsplit('@').next()?;
        let host = host.split(':').next()?.to_ascii_lowercase();
        if !matches!(
            host.as_str(),
            "github.com" | "www.github.com" | "ssh.github.com"
        ) {
            return None;
        }
        let path = path.trim_matches('/');
        let (owner, name) = path.strip_suffix(".git").unwrap_or(path).split_once('/')?;
        let consists = |text: &str, of: &[u8]| {
            let mut bytes = text.bytes();
            !text.is_empty() && bytes.all(|byte| byte.is_ascii_alphanumeric() || of.contains(&byte))
        };
        let found = Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
        };
        // The owner becomes part of a host name, and not every such word is valid there: `xn--a`.
        let is_one = consists(owner, b"-_")
            && consists(name, b"-_.")
            && BaseUrl::parse(&found.pages_url()).is_ok();
        is_one.then_some(found)
    }

    /// Returns the address of its pages, unless it has its own domain. Ends in `/`.
    pub fn pages_url(&self) -> String {
        let root = format!("https://{}/", self.host());
        if self.is_user_site() {
            root
        } else {
            format!("{root}{}/", self.name)
        }
    }

    /// Returns the host of its pages.
    pub fn host(&self) -> String {
        format!("{}.github.io", self.owner.to_ascii_lowercase())
    }

    /// Returns the path of its pages below the host: `/` or `/repo/`.
    pub fn path(&self) -> String {
        if self.is_user_site() {
            "/".to_owned()
        } else {
            format!("/{}/", self.name)
        }
    }

    /// Returns the address of its Pages settings.
    pub fn settings_url(&self) -> String {
        format!(
            "https://github.com/{}/{}/settings/pages",
            self.owner, self.name
        )
    }

    /// Returns the address of the settings with the variables of its workflows.
    pub fn variables_url(&self) -> String {
        format!(
            "https://github.com/{}/{}/settings/variables/actions",
            self.owner, self.name
        )
    }

    /// Returns whether it is the owner's user site, whose pages are at the root of the host.
    fn is_user_site(&self) -> bool {
        self.name.eq_ignore_ascii_case(&self.host())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, expected: Option<&str>) {
        let pages = GitHubRepository::of_remote(address).map(|found| found.pages_url());
        assert_eq!(pages.as_deref(), expected, "{address}");
    }

    #[test]
    fn every_way_to_write_a_remote_is_understood() {
        for address in [
            "https://github.com/Me/blog.git",
            "https://github.com/Me/blog",
            "https://github.com/Me/blog/",
            "https://me:token@github.com/Me/blog.git",
            "git@github.com:Me/blog.git",
            "github.com:Me/blog",
            "ssh://git@github.com/Me/blog.git",
            "ssh://git@ssh.github.com:443/Me/blog.git",
            "git://github.com/Me/blog",
        ] {
            check(address, Some("https://me.github.io/blog/"));
        }
    }

    #[test]
    fn pages_of_a_user_site_are_at_the_root() {
        check(
            "git@github.com:Me/me.github.io.git",
            Some("https://me.github.io/"),
        );
        check(
            "https://github.com/Org/Org.GitHub.io",
            Some("https://org.github.io/"),
        );
        check(
            "https://github.com/me/other.github.io",
            Some("https://me.github.io/other.github.io/"),
        );
    }

    #[test]
    fn other_remotes_are_not_github() {
        for address in [
            "https://gitlab.com/me/blog.git",
            "https://github.com.example.org/me/blog",
            "/srv/git/blog.git",
            "../blog.git",
            "C:\\git\\blog.git",
            "file:///github.com/me/blog",
            "https://github.com/me",
            "https://github.com/me/a/b",
            "git@github.com:me/bl og",
            "git@github.com:me.and.you/blog",
            "git@github.com:xn--a/blog",
        ] {
            check(address, None);
        }
    }
}
