//! A file that is published unchanged.

use super::PageContent;
use crate::cache::{Fingerprint, read_kept_file};
use crate::error::Result;
use crate::fs;
use crate::render::theme::AssetContent;

/// What a copied file contains.
#[derive(Hash)]
pub(super) struct CopiedFileView<'s> {
    content: &'s AssetContent,
}

impl<'s> CopiedFileView<'s> {
    pub(super) fn new(content: &'s AssetContent) -> Self {
        Self { content }
    }

    /// Returns its fingerprint, or `None` if only its bytes could show a change.
    pub(super) fn fingerprint(&self) -> Option<Fingerprint> {
        // Reading a large file only to compare it would cost as much as copying it.
        let is_known = !matches!(self.content, AssetContent::File(_, None));
        is_known.then(|| Fingerprint::of_value(self))
    }

    pub(super) fn to_content(&self) -> Result<PageContent> {
        Ok(PageContent::Bytes(match self.content {
            AssetContent::Bytes(bytes) => bytes.clone(),
            AssetContent::File(location, _) => fs::read_whole_file(location)?,
            AssetContent::Kept(location, _) => read_kept_file(location)?,
        }))
    }
}
