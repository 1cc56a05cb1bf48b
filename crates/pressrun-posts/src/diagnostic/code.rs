//! The table of all diagnostic codes.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Severity;

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $meaning:literal;)*) => {
        /// A stable name for one kind of finding. Codes are never renamed, only added.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// All codes, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Returns the name used in reports, JSON and `--deny`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Returns the severity of the code.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// Returns the meaning of the code, one sentence without a full stop.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }

            /// Returns the code with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.name() == name)
            }
        }
    };
}

codes! {
    // Replies that are not published.
    NoPostFound "no-post-found" Error "the file has no reply or post in it";
    EmptyBody "empty-body" Error "nothing, or nothing but headings, is left as the body";
    BinaryInput "binary-input" Error "the file is not text";
    InvalidJson "invalid-json" Error "the file, or one line of a JSONL file, is not JSON";
    UnknownJsonShape "unknown-json-shape" Error "valid JSON, but no known container";
    FailedRequest "failed-request" Error "a batch record reports an error, or holds no text";
    TooLarge "too-large" Error "a reply has more text than a post may have, or a file more than can be read";
    Refusal "refusal" Error "the reply is the model's refusal, not a post";
    RejectedCategory "rejected-category" Error "a category is not in the closed list, and the site rejects such replies";
    DuplicatePost "duplicate-post" Error "the body is the same as that of an earlier post";
    InternalError "internal-error" Error "a fault of pressrun stopped the work on a reply";

    // Replies that are published, with a warning.
    InvalidUtf8 "invalid-utf8" Warning "bytes that are not UTF-8 were read as Windows-1252";
    MojibakeRepaired "mojibake-repaired" Warning "doubly encoded UTF-8 was repaired";
    HomoglyphsRepaired "homoglyphs-repaired" Warning "look-alike letters of another script were replaced inside words";
    MissingEndMarker "missing-end-marker" Warning "a labelled reply has no end marker but looks complete";
    TruncatedReply "truncated-reply" Warning "the reply was cut off; the post becomes a draft";
    TextAfterEndMarker "text-after-end-marker" Warning "text after the end marker was dropped";
    DuplicateMetadata "duplicate-metadata" Warning "a field was given again with the same value; the copy was dropped";
    ConflictingMetadata "conflicting-metadata" Warning "a field was given again with another value; the first one counts";
    OffListCategory "off-list-category" Warning "a category is not in the closed list";
    NoTitleFound "no-title-found" Warning "the title was made from the first sentence or the file name";
    TitleTooLong "title-too-long" Warning "the title has more than 120 characters";
    DescriptionTooLong "description-too-long" Warning "a given description has more than 160 characters";
    AiBoilerplate "ai-boilerplate" Warning "the text speaks of itself as an AI model";
    ChatTextRemoved "chat-text-removed" Warning "a chat preamble or closing, or text of the chat interface, was removed";
    PlaceholderText "placeholder-text" Warning "an unfilled placeholder such as `[Your Name]`";
    ScrapeJunkRemoved "scrape-junk-removed" Warning "share-button and blog-theme lines were removed";
    CitationArtifactsRemoved "citation-artifacts-removed" Warning "citation tokens of a chat interface were removed";
    UnsafeHtmlRemoved "unsafe-html-removed" Warning "scripts, event handlers, frames or script URLs were removed";
    InvalidDate "invalid-date" Warning "a date field is no calendar date";
    AmbiguousDate "ambiguous-date" Warning "a date field may be read with day or month first";
    FrontMatterInvalid "front-matter-invalid" Warning "front matter that its parser rejects was read line by line";
    DuplicateTitle "duplicate-title" Warning "the title is that of an earlier post with another body";
    NearDuplicate "near-duplicate" Warning "the body is nearly that of another post: on a site, of an older one";
    DuplicateDescription "duplicate-description" Warning "the description is that of an earlier post";
    CompetingPosts "competing-posts" Info "the title aims at the phrase that an older post aims at";
    SlugCollision "slug-collision" Warning "a slug is taken already, so a post or a term was given another";
    DeadLink "dead-link" Warning "a link leads to no page or file of the site";
    NameNotPortable "name-not-portable" Warning "a file of the site has a name that Windows does not take";
    IgnoredFile "ignored-file" Info "a file of the content is neither post nor picture";
    HtmlEscaped "html-escaped" Warning "the HTML of a post is nested too deeply and is shown as text";
    UnknownLanguage "unknown-language" Info "a code block names a language that cannot be highlighted";
    UnhighlightedCode "unhighlighted-code" Info "highlighting a code block takes too much work, so it is shown plain";
    ShallowClone "shallow-clone" Warning "the git history is cut short, so dates of posts are missing";
    DatesUnknown "dates-unknown" Warning "git does not say when files were added, so dates of posts are missing";
    EditedFile "edited-file" Warning "a post changed at its source, but its file was edited since and was left alone";
    ReplyReplaced "reply-replaced" Warning "a source holds another post than before; the file of the earlier one was left alone";
    SourceInContent "source-in-content" Warning "replies that were turned into files lie in `content/` themselves, so they are there twice";
    CacheUnusable "cache-unusable" Warning "what earlier builds remembered cannot be used, or nothing can be remembered";
    UnreadableFile "unreadable-file" Error "a file of the content cannot be read";

    // Publishing: errors that stop it.
    BaseUrlLocal "base-url-local" Error "`base_url` is an address that only this machine can reach";
    BaseUrlMismatch "base-url-mismatch" Error "`base_url` is not where the remote will be served";
    SiteTooLarge "site-too-large" Error "the site is larger than GitHub Pages allows";
    FileTooLarge "file-too-large" Error "a file is larger than GitHub takes";
    DomainDropped "domain-dropped" Error "the published site has a domain of its own that the new one would lose";
    BranchOfSources "branch-of-sources" Error "the branch to publish to holds the sources of a site";
    BranchNotOurs "branch-not-ours" Error "the branch to publish to holds something that pressrun did not publish";
    NoGit "no-git" Error "there is no `git` that can be run";
    NoRepository "no-repository" Error "the site is in no git repository, or in one that git does not work in";
    NoRemote "no-remote" Error "the repository has no remote of the name that is configured";
    NoIdentity "no-identity" Error "git does not know whose commits it makes";
    NoAccess "no-access" Error "the remote cannot be reached, or does not let you in";
    PushRejected "push-rejected" Error "the remote, or a hook, refused the push";
    GitFailed "git-failed" Error "git refused a command";

    // Publishing: things to check.
    NoSchedule "no-schedule" Warning "posts are dated ahead, and the workflow runs only after a push";
    CaseClash "case-clash" Warning "two paths of the site differ only in case";
    SymbolicLink "symbolic-link" Warning "a symbolic link is published as a copy of what it leads to, or not at all";
    MissingDescription "missing-description" Warning "a page has no description for search engines";
    RobotsUnread "robots-unread" Info "no crawler reads `robots.txt`, because the site is not at the root of its host";
    DraftLeftOut "draft-left-out" Info "a draft is not published";
    FuturePost "future-post" Info "a post is published when its day comes";

    // Replies that were repaired, or fields that were derived, without harm.
    TitleDerived "title-derived" Info "the title was taken from the text";
    DescriptionDerived "description-derived" Info "the description was taken from the text";
    TagsGenerated "tags-generated" Info "tags were made from the text";
    CategoryAssigned "category-assigned" Info "a category was chosen for a post without one";
    CategoryCanonicalised "category-canonicalised" Info "a category took the spelling of the closed list";
    TagsMerged "tags-merged" Info "two spellings of one tag were merged";
    PromptRemoved "prompt-removed" Info "the prompt before the reply was removed";
    ReplyUnwrapped "reply-unwrapped" Info "a code fence around the whole reply was taken off";
    ReasoningRemoved "reasoning-removed" Info "the model's reasoning before the reply was removed";
    MetadataAtEnd "metadata-at-end" Info "fields were found at the end of the reply";
    InvisibleCharactersRemoved "invisible-characters-removed" Info "control and zero-width characters were removed";
    RepeatedTitleRemoved "repeated-title-removed" Info "lines that repeat the title were removed";
    OutlineConverted "outline-converted" Info "outline numerals became headings";
    ContinuationJoined "continuation-joined" Info "a continued reply was joined";
    MessageSkipped "message-skipped" Info "a chat message that is no post was skipped";
    BranchSkipped "branch-skipped" Info "an abandoned branch of a chat was skipped";
    DateFromContainer "date-from-container" Info "the date is the container's";
    DateFromFileName "date-from-file-name" Info "the date is the file name's";
    SlugAdjusted "slug-adjusted" Info "the slug was shortened or numbered";

    // The site: errors that stop all writing.
    Usage "usage" Error "the command line makes no sense";
    NoSite "no-site" Error "the folder holds no site";
    InvalidToml "invalid-toml" Error "`site.toml` is not TOML";
    UnknownKey "unknown-key" Error "there is no such key";
    InvalidValue "invalid-value" Error "the key does not take this value";
    TemplateError "template-error" Error "a template cannot be read or rendered";
    ContentGone "content-gone" Error "the content folder of the last build is gone";
    PathConflict "path-conflict" Error "two things want one path of the site";
    OutputNotOurs "output-not-ours" Error "the output folder holds files that pressrun did not write";
    WorkflowEdited "workflow-edited" Error "the workflow file is there already, and not as pressrun wrote it";
    AlreadyASite "already-a-site" Error "the folder holds a site already";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back_to_their_code() {
        for &code in Code::ALL {
            assert_eq!(Code::from_name(code.name()), Some(code));
        }
    }
}
