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

            /// Returns whether the code is about something that is not published. Other errors ask
            /// for a decision of the author.
            pub const fn is_rejection(self) -> bool {
                matches!(self.severity(), Severity::Error) && !matches!(self, Self::AddressTaken)
            }

            /// Returns the names of all codes, in the order of the table.
            pub fn names() -> Vec<&'static str> {
                Self::ALL.iter().map(|code| code.name()).collect()
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
    NoPostFound "no-post-found" Error "the file contains no reply or post";
    EmptyBody "empty-body" Error "the body is empty or has only headings";
    BinaryInput "binary-input" Error "the file is not text";
    InvalidJson "invalid-json" Error "the file, or one line of a JSONL file, is not valid JSON";
    InvalidParquet "invalid-parquet" Error "a Parquet file, or some rows of it, cannot be read";
    UnknownJsonShape "unknown-json-shape" Error "the JSON is valid, but its format is not known";
    FailedRequest "failed-request" Error "a batch record reports an error or has no text";
    TooLarge "too-large" Error "a reply is too long for a post, or a file is too large to read";
    Refusal "refusal" Error "the model refused to write a post";
    RejectedCategory "rejected-category" Error "a category is not in the closed list, and the site rejects such replies";
    DuplicatePost "duplicate-post" Error "the body is the same as that of an earlier post";
    InternalError "internal-error" Error "a bug in pressrun stopped the processing of a reply";

    // Replies that are published, with a warning.
    InvalidUtf8 "invalid-utf8" Warning "bytes that are not UTF-8 were read as Windows-1252";
    MojibakeRepaired "mojibake-repaired" Warning "text that was encoded as UTF-8 twice was repaired";
    HomoglyphsRepaired "homoglyphs-repaired" Warning "look-alike letters from another script were replaced inside words";
    MissingEndMarker "missing-end-marker" Warning "a labelled reply has no end marker but looks complete";
    TruncatedReply "truncated-reply" Warning "the reply was cut off; the post becomes a draft";
    TextAfterEndMarker "text-after-end-marker" Warning "text after the end marker was dropped";
    DuplicateMetadata "duplicate-metadata" Warning "a field was given twice with the same value; the copy was dropped";
    ConflictingMetadata "conflicting-metadata" Warning "a field was given twice with different values; the first one is used";
    OffListCategory "off-list-category" Warning "a category is not in the closed list";
    NoTitleFound "no-title-found" Warning "no title was found; it was made from the first sentence or the file name";
    TitleTooLong "title-too-long" Warning "the title has more than 120 characters";
    DescriptionTooLong "description-too-long" Warning "a given description has more than 160 characters";
    AiBoilerplate "ai-boilerplate" Warning "the text speaks as an AI model";
    ChatTextRemoved "chat-text-removed" Warning "a chat preamble or closing, or text of a chat interface, was removed";
    PlaceholderText "placeholder-text" Warning "the text has an unfilled placeholder such as `[Your Name]`";
    FactToCheck "fact-to-check" Warning "the text has a mark such as `[CHECK: …]` or `[citation needed]`";
    Shortcode "shortcode" Warning "the text has a Hugo shortcode or Jekyll Liquid, which pressrun does not run";
    RepetitiveText "repetitive-text" Warning "the text repeats itself, because the model was caught in a loop";
    MdxRemoved "mdx-removed" Warning "imports, exports, comments or component tags of MDX were removed";
    ArtifactUnread "artifact-unread" Warning "a canvas or artifact of a chat, or a change to one, could not be read";
    UnclosedFence "unclosed-fence" Warning "a code fence is not closed, although the reply was not cut off";
    ScrapeJunkRemoved "scrape-junk-removed" Warning "share-button and blog-theme lines were removed";
    CitationArtifactsRemoved "citation-artifacts-removed" Warning "citation tokens from a chat interface were removed";
    UnsafeHtmlRemoved "unsafe-html-removed" Warning "scripts, event handlers, frames or script URLs were removed";
    InvalidDate "invalid-date" Warning "a date field is not a calendar date";
    AmbiguousDate "ambiguous-date" Warning "a date field can be read with the day or the month first";
    FrontMatterInvalid "front-matter-invalid" Warning "invalid front matter was read line by line";
    DuplicateTitle "duplicate-title" Warning "the title is the same as that of an earlier post with a different body";
    NearDuplicate "near-duplicate" Warning "the body is nearly the same as that of another post: on a site, an older one";
    ApprovalOutdated "approval-outdated" Warning "a post was changed after its approval, so it is left out";
    DueUnapproved "due-unapproved" Warning "a post is left out although its date has come, because nobody has approved it";
    DuplicateDescription "duplicate-description" Warning "the description is the same as that of an earlier post";
    DuplicateTranslation "duplicate-translation" Warning "a post or page has the translation key and the language of another, so it is not tied to its translations";
    CompetingPosts "competing-posts" Info "the title targets the same phrase as an older post";
    SlugCollision "slug-collision" Warning "a slug was already taken, so a post or a term was given another one";
    AddressTaken "address-taken" Error "two posts or pages state the same address, so one of them has another one or no redirect";
    AddressUnusable "address-unusable" Warning "a stated address cannot be that of a page, so it is not used";
    DeadLink "dead-link" Warning "a link leads to no page or file of the site";
    BlockedByPolicy "blocked-by-policy" Warning "a page would load something that its Content Security Policy blocks";
    OutdatedTemplate "outdated-template" Info "the theme has changed since a template was copied from it";
    AmbiguousLink "ambiguous-link" Info "several pages have the name that a wiki link gives";
    NameNotPortable "name-not-portable" Warning "a file of the site has a name that Windows does not allow";
    UnknownAuthor "unknown-author" Info "an author is nearly, but not quite, one of `[authors]`";
    UnusedText "unused-text" Info "the text of a list is not shown, because there is no such list or it has another text";
    MenuTooLong "menu-too-long" Warning "more pages ask for a place in the menu than it has";
    UnknownTemplate "unknown-template" Warning "a page names a template that the site does not have";
    IgnoredFile "ignored-file" Info "a file in `content/` or `data/` is of a type that is not read";
    HtmlEscaped "html-escaped" Warning "the HTML of a post is nested too deeply and is shown as text";
    FaultyFormula "faulty-formula" Warning "a formula cannot be rendered, so its source is shown";
    UnknownLanguage "unknown-language" Info "a code block names a language that cannot be highlighted";
    UnhighlightedCode "unhighlighted-code" Info "a code block takes too much work to highlight, so it is shown plain";
    UnreadablePicture "unreadable-picture" Warning "a picture cannot be decoded, so it is published only as it is";
    MissingAlt "missing-alt" Info "no text says what a picture shows";
    ShallowClone "shallow-clone" Warning "the git history is incomplete, so dates of posts are missing";
    DatesUnknown "dates-unknown" Warning "git cannot say when files were added, so dates of posts are missing";
    EditedFile "edited-file" Warning "the source of a post changed, but its file was edited, so the file was left alone";
    ReplyReplaced "reply-replaced" Warning "a source contains a different post than before; the file of the earlier post was left alone";
    SwappedReplies "swapped-replies" Warning "a text has come under the id of another request";
    AmbiguousId "ambiguous-id" Warning "one id stands for several records, so it identifies none of them";
    RequestUnknown "request-unknown" Warning "a record has no whole reply, and its request is not known, so it cannot be asked again";
    UnrelatedReply "unrelated-reply" Warning "a reply has the id of an earlier post, but is about something else; both are kept";
    SourceInContent "source-in-content" Warning "replies that were turned into files are in `content/` themselves, so their posts appear twice";
    CacheUnusable "cache-unusable" Warning "the cache of earlier builds cannot be read or written";
    UnreadableFile "unreadable-file" Error "a file in the content folder cannot be read";

    // Generating replies.
    InvalidTopic "invalid-topic" Warning "a topic cannot be asked for, or one of its fields cannot be read";
    DuplicateTopic "duplicate-topic" Warning "a topic is given twice; the first one is asked for";
    JournalDamaged "journal-damaged" Warning "a line of `generated/journal.jsonl` is not a record";

    // Publishing: errors that stop it.
    BaseUrlLocal "base-url-local" Error "`base_url` is an address that only this machine can reach";
    BaseUrlMismatch "base-url-mismatch" Error "`base_url` is not the address at which the remote will be served";
    SiteTooLarge "site-too-large" Error "the site is larger than GitHub Pages allows";
    FileTooLarge "file-too-large" Error "a file is larger than GitHub accepts";
    DomainDropped "domain-dropped" Error "the published site has a custom domain that the new one would lose";
    BranchOfSources "branch-of-sources" Error "the branch to publish to contains the sources of a site";
    BranchNotOurs "branch-not-ours" Error "the branch to publish to contains something that pressrun did not publish";
    AddressGone "address-gone" Error "a page of the published site would be gone, and nothing leads from its address";
    UnapprovedPage "unapproved-page" Error "a file of the site shows a post that nobody has approved";
    NoGit "no-git" Error "`git` cannot be run";
    NoRepository "no-repository" Error "the site is not in a git repository, or git refuses to use the repository";
    NoRemote "no-remote" Error "the repository has no remote with the configured name";
    NoIdentity "no-identity" Error "git has no name and email address for commits";
    NoAccess "no-access" Error "the remote cannot be reached, or denies access";
    PushRejected "push-rejected" Error "the remote, or a hook, rejected the push";
    GitFailed "git-failed" Error "a git command failed";

    // Publishing: things to check.
    NoSchedule "no-schedule" Warning "posts are dated in the future, but the workflow does not run when they appear";
    CaseClash "case-clash" Warning "two paths of the site differ only in case";
    SymbolicLink "symbolic-link" Warning "a symbolic link is published as a copy of its target, or not at all";
    MissingDescription "missing-description" Warning "a page has no description for search engines";
    RobotsUnread "robots-unread" Info "crawlers do not read `robots.txt`, because the site is not at the root of its host";
    DraftLeftOut "draft-left-out" Info "a draft is not published";
    UnapprovedLeftOut "unapproved-left-out" Info "a post is not published, because nobody has approved it as it is";
    FuturePost "future-post" Info "a post is not published until its date";
    ExpiredPost "expired-post" Info "a post is no longer published, because it has expired";

    // Replies that were repaired, or fields that were derived, without harm.
    TitleDerived "title-derived" Info "the title was taken from the text";
    DescriptionDerived "description-derived" Info "the description was taken from the text";
    TagsGenerated "tags-generated" Info "tags were made from the text";
    CategoryAssigned "category-assigned" Info "a category was chosen for a post without one";
    CategoryCanonicalised "category-canonicalised" Info "a category was changed to the spelling in the closed list";
    TagsMerged "tags-merged" Info "two spellings of one tag were merged";
    PromptRemoved "prompt-removed" Info "the prompt before the reply was removed";
    ReplyUnwrapped "reply-unwrapped" Info "a code fence around the whole reply was removed";
    ReasoningRemoved "reasoning-removed" Info "the model's reasoning before the reply was removed";
    MetadataAtEnd "metadata-at-end" Info "fields were found at the end of the reply";
    InvisibleCharactersRemoved "invisible-characters-removed" Info "control and zero-width characters were removed";
    RepeatedTitleRemoved "repeated-title-removed" Info "lines that repeat the title were removed";
    OutlineConverted "outline-converted" Info "outline numerals became headings";
    CustomField "custom-field" Info "front matter has keys that neither pressrun nor a template reads";
    ListRepaired "list-repaired" Info "lines that start with bullet characters became a list";
    FenceRepaired "fence-repaired" Info "a code fence around other fences got longer fence lines";
    MathConverted "math-converted" Info "the math delimiters of LaTeX became dollar signs";
    ContinuationJoined "continuation-joined" Info "a continued reply was joined";
    MessageSkipped "message-skipped" Info "a chat message that is not a post was skipped";
    BranchSkipped "branch-skipped" Info "an abandoned branch of a chat was skipped";
    DateFromContainer "date-from-container" Info "the date was taken from the container";
    DateFromFileName "date-from-file-name" Info "the date was taken from the file name";
    SameDayDates "same-day-dates" Info "all posts without a date get one day, that of their files";
    BatchRequest "batch-request" Info "the requests of a batch were read, which are not replies";
    ReplySuperseded "reply-superseded" Info "a reply failed or was cut off, and another one under the same id takes its place";
    SlugAdjusted "slug-adjusted" Info "the slug was shortened or numbered";
    MissingMessage "missing-message" Info "words of the theme are missing in a language, so they appear in English";
    UnusedMessage "unused-message" Info "no template shows a message of a message file";
    IgnoredField "ignored-field" Info "a label that is not known was dropped";

    // The site: errors that stop all writing.
    Usage "usage" Error "the command line is not valid";
    NoSite "no-site" Error "the folder does not contain a site";
    InvalidToml "invalid-toml" Error "`site.toml` is not valid TOML";
    UnknownKey "unknown-key" Error "the key does not exist";
    InvalidValue "invalid-value" Error "the value is not valid for the key";
    InvalidData "invalid-data" Error "a file in `data/` is not valid, or another one has the same name";
    InvalidMessages "invalid-messages" Error "a message file in `i18n/` is not valid";
    TemplateError "template-error" Error "a template cannot be read or rendered";
    ContentGone "content-gone" Error "the content folder of the last build is missing";
    PathConflict "path-conflict" Error "two pages or files of the site need the same path";
    OutputNotOurs "output-not-ours" Error "the output folder contains files that pressrun did not write";
    PieceUnusable "piece-unusable" Error "something in the work folder of a divided build is missing, damaged or outdated";
    WorkflowEdited "workflow-edited" Error "the workflow file already exists and is not as pressrun wrote it";
    AlreadyASite "already-a-site" Error "the folder already contains a site";
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
