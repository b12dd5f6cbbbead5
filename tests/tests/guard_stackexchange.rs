//! T-SQL as people write it: queries saved in the Stack Exchange Data Explorer, against its public schema. Prints how many single
//! SELECTs the guard reads and why it refuses the others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use leo::Dialect;
use leo::catalog::Catalog;
use leo::finding::{Finding, Verdict};
use leo_tests::guard::{check, shared};

/// The Data Explorer's tables and columns; types only as far as the guard cares.
const SCHEMA: &[(&str, &str)] = &[
    ("Badges", "Id, UserId, Name, Date, Class, TagBased"),
    ("CloseAsOffTopicReasonTypes", "Id, IsUniversal, InputTitle, MarkdownInputGuidance, MarkdownPostOwnerGuidance, CreationDate"),
    ("CloseReasonTypes", "Id, Name, Description"),
    ("Comments", "Id, PostId, Score, Text, CreationDate, UserDisplayName, UserId, ContentLicense"),
    ("FlagTypes", "Id, Name, Description"),
    (
        "PendingFlags",
        "Id, FlagTypeId, PostId, CreationDate, CloseReasonTypeId, CloseAsOffTopicReasonTypeId, DuplicateOfQuestionId",
    ),
    ("PostFeedback", "Id, PostId, IsAnonymous, VoteTypeId, CreationDate"),
    (
        "PostHistory",
        "Id, PostHistoryTypeId, PostId, RevisionGUID, CreationDate, UserId, UserDisplayName, Comment, Text, ContentLicense",
    ),
    ("PostHistoryTypes", "Id, Name"),
    ("PostLinks", "Id, CreationDate, PostId, RelatedPostId, LinkTypeId"),
    ("PostLinkTypes", "Id, Name"),
    ("PostNotices", "Id, PostId, PostNoticeTypeId, CreationDate, DeletionDate, ExpiryDate, Body, OwnerUserId, DeletionUserId"),
    ("PostNoticeTypes", "Id, ClassId, Name, Body, IsHidden, Predefined, PostNoticeDurationId"),
    ("Posts", POSTS),
    ("PostsWithDeleted", POSTS),
    ("PostTags", "PostId, TagId"),
    ("PostTypes", "Id, Name"),
    ("ReviewRejectionReasons", "Id, Name, Description, PostTypeId"),
    ("ReviewTaskResults", "Id, ReviewTaskId, ReviewTaskResultTypeId, CreationDate, RejectionReasonId, Comment"),
    ("ReviewTaskResultTypes", "Id, Name, Description"),
    (
        "ReviewTasks",
        "Id, ReviewTaskTypeId, CreationDate, DeletionDate, ReviewTaskStateId, PostId, SuggestedEditId, CompletedByReviewTaskId",
    ),
    ("ReviewTaskStates", "Id, Name, Description"),
    ("ReviewTaskTypes", "Id, Name, Description"),
    (
        "SuggestedEdits",
        "Id, PostId, CreationDate, ApprovalDate, RejectionDate, OwnerUserId, Comment, Text, Title, Tags, RevisionGUID",
    ),
    ("SuggestedEditVotes", "Id, SuggestedEditId, UserId, VoteTypeId, CreationDate, TargetUserId, TargetRepChange"),
    ("Tags", "Id, TagName, Count, ExcerptPostId, WikiPostId"),
    (
        "TagSynonyms",
        "Id, SourceTagName, TargetTagName, CreationDate, OwnerUserId, AutoRenameCount, LastAutoRename, Score, ApprovedByUserId, ApprovalDate",
    ),
    (
        "Users",
        "Id, Reputation, CreationDate, DisplayName, LastAccessDate, WebsiteUrl, Location, AboutMe, Views, UpVotes, DownVotes, ProfileImageUrl, EmailHash, AccountId, Age",
    ),
    ("Votes", "Id, PostId, VoteTypeId, UserId, CreationDate, BountyAmount"),
    ("VoteTypes", "Id, Name"),
];
const POSTS: &str = "Id, PostTypeId, AcceptedAnswerId, ParentId, CreationDate, DeletionDate, Score, ViewCount, Body, OwnerUserId, \
     OwnerDisplayName, LastEditorUserId, LastEditorDisplayName, LastEditDate, LastActivityDate, Title, Tags, AnswerCount, \
     CommentCount, FavoriteCount, ClosedDate, CommunityOwnedDate, ContentLicense";

fn catalog() -> Catalog {
    let column = |name: &str| {
        let kind = match name {
            _ if name.ends_with("Date") => "datetime",
            _ if name.ends_with("Id") || name.ends_with("Count") => "int",
            "Score" | "Reputation" | "Views" | "UpVotes" | "DownVotes" | "Age" => "int",
            _ => "nvarchar(max)",
        };
        format!("[{name}] {kind}")
    };
    let ddl: String = SCHEMA
        .iter()
        .map(|(table, columns)| {
            format!(
                "CREATE TABLE {table} ({});\n",
                columns.split(',').map(|name| column(name.trim())).collect::<Vec<_>>().join(", ")
            )
        })
        .collect();
    Catalog::from_ddl(Dialect::Tsql, &ddl).unwrap()
}

/// The words of a statement outside of strings, names in brackets and comments, each with the parentheses around it.
fn words(sql: &str) -> Vec<(usize, String)> {
    let (mut words, mut depth, mut word) = (Vec::new(), 0usize, String::new());
    let mut chars = sql.chars().chain([' ']).peekable();
    let until = |chars: &mut std::iter::Peekable<_>, end: char| {
        let _: &mut std::iter::Peekable<std::iter::Chain<std::str::Chars<'_>, std::array::IntoIter<char, 1>>> = chars;
        chars.by_ref().find(|c| *c == end);
    };
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || matches!(c, '_' | '@' | '#') {
            word.push(c.to_ascii_uppercase());
            continue;
        }
        if !word.is_empty() {
            words.push((depth, std::mem::take(&mut word)));
        }
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '\'' => until(&mut chars, '\''),
            '"' => until(&mut chars, '"'),
            '[' => until(&mut chars, ']'),
            '-' if chars.peek() == Some(&'-') => until(&mut chars, '\n'),
            '/' if chars.peek() == Some(&'*') => {
                let mut last = ' ';
                chars.by_ref().find(|c| std::mem::replace(&mut last, *c) == '*' && *c == '/');
            }
            ';' => words.push((depth, ";".to_owned())),
            _ => {}
        }
    }
    words
}

/// Whether a text is one query and nothing else: what the file holds beside them is scripts.
fn is_single_select(sql: &str) -> bool {
    let mut words = words(sql);
    while words.last().is_some_and(|(_, word)| word == ";") {
        words.pop();
    }
    let has = |name: &str| words.iter().any(|(_, word)| word == name);
    let count = |names: &[&str]| words.iter().filter(|(depth, word)| *depth == 0 && names.contains(&word.as_str())).count();
    let starts = words.first().is_some_and(|(_, word)| word == "SELECT" || word == "WITH");
    let script = ["DECLARE", "SET", "INSERT", "INTO", "CREATE", "DROP", "PRINT", "EXEC", "UPDATE", "DELETE", "GO", "USE", ";"];
    let variable = words.iter().any(|(_, word)| word.starts_with('@'));
    starts
        && !variable
        && !script.iter().any(|word| has(word))
        && count(&["SELECT"]) <= 1 + count(&["UNION", "EXCEPT", "INTERSECT"])
}

/// The Data Explorer asks for `##name:type?default##` before it runs a query: a value stands there then.
fn with_values(sql: &str) -> String {
    let mut parts = sql.split("##");
    let mut text = parts.next().unwrap_or("").to_owned();
    while let (Some(parameter), rest) = (parts.next(), parts.next()) {
        let default = parameter.split_once('?').map(|(_, default)| default.trim());
        text.push_str(
            default.filter(|value| value.chars().all(|c| c.is_ascii_alphanumeric() || "-'".contains(c))).unwrap_or("1"),
        );
        text.push_str(rest.unwrap_or(""));
    }
    text
}

/// What a finding is about, values and names taken out.
fn cause(finding: &Finding) -> String {
    let mut quoted = false;
    let text: String = finding
        .message
        .chars()
        .filter(|c| {
            quoted ^= *c == '`';
            !quoted && *c != '`'
        })
        .collect();
    format!("{}: {text}", finding.rule)
}

#[test]
fn saved_queries_of_the_data_explorer_are_read() {
    let Some(file) = shared("guard/tsql_stackexchange.jsonl") else { return };
    let catalog = catalog();
    let (mut total, mut parsed, mut passed) = (0, 0, 0);
    let mut causes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let text = std::fs::read_to_string(file).unwrap();
    let rows: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for row in &rows {
        let sql = with_values(row["sql"].as_str().unwrap());
        if !is_single_select(&sql) {
            continue;
        }
        total += 1;
        let vetting = check(&catalog, &sql);
        let unread = ["syntax", "malformed", "too_large", "multiple_statements"];
        parsed += usize::from(!vetting.findings.iter().any(|finding| unread.contains(&finding.rule.as_str())));
        passed += usize::from(vetting.verdict <= Verdict::Rewrite);
        let worst =
            vetting.findings.iter().find(|finding| finding.verdict == vetting.verdict && vetting.verdict > Verdict::Rewrite);
        if let Some(worst) = worst {
            let place = worst.position.map_or(String::new(), |place| format!(" at {}:{}", place.line, place.column));
            causes.entry(cause(worst)).or_default().push(format!("{}{place}\n{sql}", worst.message));
        }
    }
    let share = |part: usize| part as f64 * 100.0 / total as f64;
    println!(
        "{} texts, {total} single SELECTs: {parsed} ({:.1} %) read, {passed} ({:.1} %) pass; the others by cause:",
        rows.len(),
        share(parsed),
        share(passed)
    );
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(_, statements)| std::cmp::Reverse(statements.len()));
    for (cause, statements) in causes {
        println!("{:4}  {cause}", statements.len());
        for statement in statements.iter().filter(|_| std::env::var_os("LEO_ALL").is_some()) {
            println!("      {}", statement.replace('\n', "\n      "));
        }
    }
    assert!(total >= 600, "only {total} statements");
    assert!(parsed * 100 >= total * 90, "only {parsed} of {total} statements read");
}
