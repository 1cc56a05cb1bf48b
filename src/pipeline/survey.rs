//! All that is known of a site without its pages: for whoever counts rather than publishes.

use std::collections::HashSet;
use std::sync::Arc;

use super::reading::{Reader, Reading};
use super::timings::Timings;
use super::{Ledger, Request, configure, open_cache};
use crate::cache::Bodies;
use crate::config::Config;
use crate::corpus::{Dated, Gathered, Selection};
use crate::diagnostic::Diagnostic;
use crate::render::{self, Failure, Site};

/// What a site consists of.
#[derive(Debug)]
pub struct Survey {
    /// Its configuration.
    pub config: Arc<Config>,
    /// What became of the replies.
    pub ledger: Ledger,
    /// The posts that are on the site or will be when their day comes, as they will be then.
    pub planned: Gathered,
    /// Posts that nobody has finished, in the order of their paths.
    pub drafts: Vec<Dated>,
    /// The texts of all of them.
    pub bodies: Arc<Bodies>,
    /// What a build reports today, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a site and puts its posts into their places, without rendering it.
///
/// # Errors
///
/// As [`super::build`].
pub fn survey(request: &Request) -> Result<Survey, Failure> {
    let config = Arc::new(configure(request)?);
    let cache = open_cache(request, &config);
    let reading = Reader::new(&request.root, &config, &cache).read(
        &cache,
        request.now,
        &mut Timings::default(),
    )?;
    let mut diagnostics = reading.diagnostics.clone();
    let gathered = |selection| {
        let posts = reading.posts.clone();
        super::gather(posts, &reading.bodies, &config, selection, &cache)
    };
    let mut planned = gathered(request.selection())?;
    diagnostics.append(&mut planned.diagnostics);
    diagnostics.extend(dead_links(request, &config, &reading, &mut planned)?);
    diagnostics.sort();
    diagnostics.extend(cache.complaints());
    let ledger = Ledger::of(&reading, &planned.corpus, planned.left_out);
    let made_drafts: HashSet<_> = planned.made_drafts.iter().map(Arc::as_ptr).collect();
    let is_draft = |dated: &&Dated| {
        let is_made = made_drafts.contains(&Arc::as_ptr(&dated.post));
        is_made || (dated.post.draft && !request.drafts)
    };
    let drafts = reading.posts.iter().filter(is_draft).cloned().collect();
    if planned.left_out.future > 0 {
        let selection = Selection {
            future: true,
            ..request.selection()
        };
        planned = gathered(selection)?;
    }
    Ok(Survey {
        config,
        ledger,
        planned,
        drafts,
        bodies: Arc::clone(&reading.bodies),
        diagnostics,
    })
}

/// What is wrong with the links of the posts that are gathered.
fn dead_links(
    request: &Request,
    config: &Arc<Config>,
    reading: &Reading,
    gathered: &mut Gathered,
) -> Result<Vec<Diagnostic>, Failure> {
    let corpus = Arc::new(std::mem::take(&mut gathered.corpus));
    let (renderer, found) = render::prepare(Site {
        root: &request.root,
        config: Arc::clone(config),
        corpus: Arc::clone(&corpus),
        bodies: Arc::clone(&reading.bodies),
        media: &reading.media,
        // Dear, and nobody searches or shares what is not rendered.
        search: &[],
        cards: &render::NO_CARDS,
        now: request.now,
        published_at: None,
    })?;
    drop(renderer);
    gathered.corpus = Arc::unwrap_or_clone(corpus);
    Ok(found)
}
