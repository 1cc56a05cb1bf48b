//! What pages show of the pictures of a site: their sizes and smaller versions.
//!
//! Not here: reading the files and making versions (`pictures`), and the files of the versions
//! (`pipeline`).

use std::collections::{HashMap, HashSet};

use pressrun_markdown::PictureAttributes;
use unicode_normalization::UnicodeNormalization;

use serde::{Deserialize, Serialize};

use super::frame::SiteFrame;
use super::links::{decode_path, split_query};
use super::theme::AssetContent;
use crate::corpus::Corpus;
use crate::pictures::PictureSize;

/// The pictures of a site.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SitePictures {
    by_path: HashMap<String, SitePicture>,
}

/// What is known about a picture of the site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SitePicture {
    /// Its size, if its file could be read.
    pub size: Option<PictureSize>,
    /// The length of its file in bytes, in steps: whether it is small.
    pub is_small: bool,
    /// Its smaller versions by increasing width: width, and path on the site.
    pub versions: Vec<(u32, String)>,
}

/// A file that was made before the site was planned: a smaller version of a picture, an icon.
#[derive(Debug, Clone)]
pub struct GeneratedFile {
    /// Its path on the site.
    pub path: String,
    /// What it was made from, for messages.
    pub origin: String,
    /// Its contents.
    pub content: AssetContent,
}

impl FromIterator<(String, SitePicture)> for SitePictures {
    /// Collects pictures by their paths on the site.
    fn from_iter<I: IntoIterator<Item = (String, SitePicture)>>(pictures: I) -> Self {
        Self {
            by_path: pictures.into_iter().collect(),
        }
    }
}

impl SitePictures {
    /// Returns the picture at a path of the site.
    pub(super) fn find(&self, path: &str) -> Option<&SitePicture> {
        self.by_path.get(path)
    }
}

impl SitePicture {
    /// Returns the addresses of the versions with their widths, as in the attribute `srcset`. Empty
    /// without versions.
    pub(super) fn srcset(&self, original: &str, frame: &SiteFrame) -> String {
        let versions = self.versions.iter();
        let mut parts: Vec<String> = versions
            .map(|(width, path)| format!("{} {width}w", frame.links.url(path)))
            .collect();
        let widest = self.versions.last().map_or(0, |(width, _)| *width);
        // If no version is as wide as the page may want it, the picture itself is.
        let own = self.size.map(|size| size.width).filter(|&own| own > widest);
        // In a list of addresses, white space and a comma at the end have a meaning.
        let is_plain = !original.contains(char::is_whitespace) && !original.ends_with(',');
        if let Some(own) = own
            && !parts.is_empty()
            && is_plain
            && frame
                .config
                .images
                .widths
                .iter()
                .any(|&wanted| wanted > widest)
        {
            parts.push(format!("{original} {own}w"));
        }
        parts.join(", ")
    }
}

/// Returns the attributes of a picture of a page, which has the address `url` there. `is_lazy` is
/// false for the first one.
pub(super) fn describe_picture(
    picture: Option<&SitePicture>,
    url: &str,
    is_lazy: bool,
    frame: &SiteFrame,
) -> PictureAttributes {
    let Some(picture) = picture else {
        return PictureAttributes {
            is_lazy,
            ..PictureAttributes::default()
        };
    };
    let srcset = picture.srcset(url, frame);
    PictureAttributes {
        size: picture.size.map(|size| (size.width, size.height)),
        sizes: frame.config.images.sizes.clone(),
        srcset,
        is_lazy,
    }
}

/// Returns the names of all files that posts may show as pictures, composed (NFC) and without
/// folders. Where they are is known only when every file of the site has its place.
pub fn list_mentioned_names(corpus: &Corpus) -> HashSet<String> {
    let mut names = HashSet::new();
    let mut add = |address: &str| {
        let path = decode_path(split_query(address).0);
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        names.insert(name.nfc().collect::<String>());
    };
    let pages = corpus.pages.iter().map(|page| &page.text);
    for entry in corpus.posts.iter().chain(pages).chain(&corpus.list_texts) {
        let post = &entry.post;
        let links = post.body.links.iter();
        let shown = links.filter(|link| link.kind.is_picture());
        shown.for_each(|link| add(&link.target));
        post.cover.as_deref().map(&mut add);
    }
    names
}
