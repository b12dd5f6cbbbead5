//! Phrases that operate: count, compare, group, order, negate.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::ask::planner::builtin::tokens::Token;
use crate::query::{Grain, Operator};

/// An aggregate function in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Function {
    Count,
    Sum,
    Avg,
    Min,
    Max,
}

/// What a phrase does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) enum Op {
    /// `show`, `list`, `what is`: output follows.
    Ask,
    /// `which`, `what`.
    Which,
    Who,
    When,
    Where,
    /// `how many`, `number of`.
    HowMany,
    HowMuch,
    Function(Function),
    /// `most`, `highest`: the extreme of what follows; `true` for the largest.
    Extreme(bool),
    /// `most common`: the extreme by number of rows.
    Common(bool),
    /// `oldest`, `cheapest`: the extreme along the property of the adjective.
    Superlative,
    /// `most expensive`, `least expensive`: with what sign the adjective after it counts.
    SuperlativeOf(bool),
    /// `older than`.
    Comparative,
    /// `more expensive than`; `false` for `less`.
    ComparativeOf(bool),
    Compare(Operator),
    /// `or more` behind a number.
    OrMore,
    /// `or less` behind a number.
    OrLess,
    Between,
    Not,
    Without,
    Except,
    /// `each`, `per`, `for every`.
    Each,
    By,
    OrderBy,
    Ascending,
    Descending,
    Alphabetical,
    Distinct,
    And,
    Or,
    Comma,
    Both,
    /// `of`, `in`, `for`, `at` …
    Preposition,
    /// `who`, `that`, `whose` …
    Relative,
    With,
    Have,
    Be,
    /// `named`, `called`.
    Named,
    Pronoun,
    Possessive,
    /// `top`, `first` before a number; `true` for the largest.
    Top(bool),
    Share,
    Running,
    /// `against`, `compared to`.
    Versus,
    Contains,
    StartsWith,
    EndsWith,
    /// `missing`, `empty`.
    Missing,
    /// `all information about`.
    Everything,
    /// `growth`, `change over`.
    Change,
    /// `monthly`, `by weekday`: a time grain.
    Grain(Grain),
    /// `over time`: a series in the usual grain.
    OverTime,
    /// `twice`, `more than once`: a number of times.
    Times(u32),
    /// `came back within`, `repeat`.
    Repeat,
    /// `rate`: a share of rows.
    Rate,
    /// `first`, `last` before a date or rows; `true` for the last.
    FirstLast(bool),
}

/// A phrase found in the question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Match {
    pub(in super::super) op: Op,
    /// Tokens it takes.
    pub(in super::super) length: usize,
}

use Op::*;
use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};

/// Phrases by what they do, separated by bars.
const PHRASES: &[(Op, &str)] = &[
    (
        Ask,
        "show|show me|list|list out|find|find out|give|give me|return|display|tell me|tell|get|retrieve|\
         report|select|present|compute|calculate|determine|identify|provide|output|print|state|i want|\
         i want to know|i would like to know|i need|please show|can you show|can you tell me|could you tell me|\
         what is|what are|what was|what were|what 's|whats|who is|who are|who was|who were|which are|\
         which is|what do|what does|what did|fetch|describe|name the|let me know|see",
    ),
    (
        Which,
        "which|what|in which|for which|on which|at which|to which|from which|which of the|what kind of|\
         what kinds of|which kind of",
    ),
    (Who, "who"),
    (When, "when|when did|when was|when were|at what time|on what date|on which date|what time"),
    (Where, "where is|where are|where was|where were|where do|where does|where did"),
    (
        HowMany,
        "how many|number of|the number of|total number of|the total number of|number of the|count of|\
         count the number of|count how many|count|count the|total count of|a count of|the count of|\
         the total count of|# of|no of|amount of times|number of times|the amount of times|number of total|\
         how often|number of different times|the numbers of|numbers of|overall number of",
    ),
    (HowMuch, "how much"),
    (
        Op::Function(self::Function::Sum),
        "total|sum|sum of|total of|the sum of|total amount of|the total amount of|combined|overall|altogether|\
         in total|summed|total sum of|add up",
    ),
    (Op::Function(self::Function::Avg), "average|avg|mean|on average|averages|the average of|average of|typical"),
    (Op::Function(self::Function::Max), "maximum|max|maximal|maximum of|max of"),
    (Op::Function(self::Function::Min), "minimum|min|minimal|minimum of|min of"),
    (
        Extreme(true),
        "most|highest|largest|biggest|greatest|the most number of|most number of|the largest number of|top|\
         best|peak|the most amount of|most amount of|highest number of|\
         largest number of|greatest number of|the highest number of|the greatest number of|biggest number of|\
         most of the|largest amount of|largest count of|highest count of",
    ),
    (
        Extreme(false),
        "least|lowest|smallest|fewest|least number of|fewest number of|smallest number of|lowest number of|\
         the least number of|the fewest number of|worst|\
         the smallest number of|the lowest number of|least amount of|smallest amount of",
    ),
    (
        Common(true),
        "most common|most popular|most frequent|most frequently|most commonly|most often|most used|\
         most commonly used|most frequently used|most prominent|most prevalent|most widely used|the most times|\
         most number of times|the most number of times|most times|most frequently occurring|most regularly|\
         most prominently|most popularly used|the largest number of times|maximum number of times|\
         the maximum number of times|most heavily used|busiest|most active",
    ),
    (
        Common(false),
        "least common|least popular|least frequent|least frequently|least commonly|least often|least used|\
         least commonly used|rarest|fewest times|least number of times|the least number of times|\
         fewest number of times|least times|least frequently used",
    ),
    (
        Superlative,
        "oldest|eldest|youngest|longest|shortest|tallest|heaviest|lightest|cheapest|fastest|quickest|\
         slowest|newest|latest|most recent|most recently|priciest|earliest|richest|wealthiest|deepest",
    ),
    (SuperlativeOf(true), "most expensive|most costly|most populous|most populated|highest paid|best paid"),
    (SuperlativeOf(false), "least expensive|least costly|least populous|least populated|lowest paid|least paid|least recent"),
    (
        Comparative,
        "older than|younger than|longer than|shorter than|taller than|heavier than|lighter than|cheaper than|\
         faster than|slower than|newer than|older|younger|taller|heavier|cheaper|longer|faster",
    ),
    (ComparativeOf(true), "more expensive than|more costly than|costlier than|pricier than"),
    (ComparativeOf(false), "less expensive than|less costly than"),
    (
        Compare(Greater),
        "more than|greater than|higher than|larger than|bigger than|over|above|exceeding|exceeds|exceed|\
         exceeded|after|later than|bigger|better than|>|beyond|in excess of|more then|greater|is more than|\
         upwards of|higher|larger|superior to|past",
    ),
    (
        Compare(Less),
        "less than|fewer than|lower than|smaller than|below|under|before|earlier than|prior to|<|worse than|\
         fewer then|lower|smaller|beneath|no more than half",
    ),
    (
        Compare(GreaterOrEqual),
        "at least|no less than|not less than|no fewer than|larger than or equal to|higher than or equal to|bigger than or equal to|greater than or equals to|greater than or equal to|more than or equal to|\
         minimum of at least|>=|not below|not under|a minimum of|or later than|since|starting from|\
         equal to or more than|equal or more than|equals or more than|more than or equals to",
    ),
    (
        Compare(LessOrEqual),
        "at most|smaller than or equal to|lower than or equal to|fewer than or equal to|no more than|not more than|up to|less than or equal to|<=|not exceeding|not over|not above|\
         a maximum of|no later than|until|equal to or less than|maximum of at most",
    ),
    (Compare(Equal), "=|equal to|equals|equal|exactly|same as|is exactly"),
    (Compare(NotEqual), "!=|not equal to|other than|different from|differs from|not equal"),
    (
        OrMore,
        "or more|or after|and after|or above|or higher|or later|and above|and more|or greater|or over|or older|and over|\
         or longer",
    ),
    (OrLess, "or less|or before|and before|or below|or fewer|or lower|or earlier|and below|or under|or younger|or shorter"),
    (Between, "between|ranging from|in the range of|in the range from|in the range between"),
    (
        Not,
        "not|no|never|cannot|neither|nor|have no|has no|had no|do not|does not|did not|is not|are not|\
         was not|were not|none|none of|have not|has not|not yet|no longer|never been|never had|not been|\
         hasn|aren|isn|didn",
    ),
    (Without, "without|lacking|without any|with no|not having|that lack|who lack|lack|with zero|have zero|has zero"),
    (Except, "except|excluding|except for|but not|except those|other than those|apart from|leaving out|ignoring"),
    (
        Each,
        "each|every|per|for each|for every|in each|of each|by each|across|grouped by|group by|\
         broken down by|split by|for different|for all different|for the different|of different|in different|\
         from each|on each|to each|at each|within each|each of the|for any|sliced by|segmented by|in every|\
         for each of the|per each|of every|each different|with each|under each|by different",
    ),
    (By, "by|by the"),
    (
        OrderBy,
        "ordered by|order by|sorted by|sort by|ranked by|rank by|in the order of|in order of|sorted in|\
         ordered in|arranged by|listed by|sort them by|order them by|sort the list by|order the results by|\
         order the result by|sort the results by|sort the result by|ordered from|sorted from|sort in|order in|\
         sorted|ordered|sort|order the results in|sort them in|order them in|sort them|sorted according to|\
         arranged in|in order from|in the order from|ordered the results by|ordered by the|and order by|\
         listed in|in order by|sorted by the|in the ascending order of|in the descending order of|\
         sort the list in|sort results by|order results by|order by the|sort by the|arrange|sort the names in|\
         in the order by|rank them by",
    ),
    (
        Ascending,
        "ascending|ascending order|in ascending order|increasing|in increasing order|increasing order|asc|\
         from low to high|from lowest to highest|low to high|lowest to highest|from smallest to largest|\
         from the lowest to the highest|from small to large|ascendingly|from the smallest to the largest|\
         smallest to largest|from youngest to oldest|from the youngest to the oldest|from least to most|\
         from the shortest to the longest|from shortest to longest|from earliest to latest|from early to late|\
         from oldest to newest|chronological|chronologically|in chronological order|chronological order|\
         from the earliest to the latest|from cheapest to most expensive|from short to long|from fewest to most|\
         in ascending",
    ),
    (
        Descending,
        "descending|descending order|in descending order|decreasing|in decreasing order|decreasing order|desc|\
         from high to low|from highest to lowest|high to low|highest to lowest|from largest to smallest|\
         from the highest to the lowest|from large to small|reverse|in reverse|reversed|descendingly|\
         from the largest to the smallest|largest to smallest|largest first|highest first|from oldest to youngest|\
         from the oldest to the youngest|from most to least|from the longest to the shortest|\
         from longest to shortest|from latest to earliest|from newest to oldest|most recent first|newest first|\
         latest first|from the latest to the earliest|from most expensive to cheapest|from long to short|\
         in reverse order|from late to early|in descending|biggest first|from the most to the least|\
         from the greatest to the least|from greatest to least|from heaviest to lightest|from tallest to shortest",
    ),
    (
        Alphabetical,
        "alphabetical|alphabetical order|in alphabetical order|alphabetically|lexicographical|\
         lexicographical order|lexicographic order|in lexicographical order|lexicographically|in alphabetic order|\
         alphabetic order|lexical order|in lexicographic order|alphabetical order of|in alphabetical order of|\
         alphabetical order by|in alphabetical order by|in lexicographical order of|the alphabetical order of|\
         in alphabetic order of|the alphabetic order|lexicographic order of|lexicographical order of",
    ),
    (
        Distinct,
        "distinct|different|unique|various|all distinct|all different|different kinds of|different types of|\
         distinct types of|all the different|all the distinct|without repetition|without duplicates|distinctive|\
         all unique",
    ),
    (
        And,
        "and|&|and also|as well as|along with|and then|together with|plus|followed by|but|but also|\
         and their|and its|and the|and the corresponding|and corresponding",
    ),
    (Or, "or|or the"),
    (Comma, ",|;"),
    (Both, "both"),
    (
        Preposition,
        "amount of|the amount of|amounts of|of|in|for|at|on|from|to|into|about|within|during|of all|of all the|of the|in the|for the|\
         for all|for all the|among|among all|in all|as|through|via|around|near|against all|regarding|\
         throughout|out of|amongst|onto",
    ),
    (
        Relative,
        "who|that|whose|where|whom|with which|on whom|whichever|such that|if|when the|those who|those that|\
         where the|for whom|in whose",
    ),
    (With, "with|having|containing any|with a|with the|with an|with any|along with the"),
    (
        Have,
        "have|has|had|have a|has a|have any|has any|have some|has some|got|own|owns|owned|possess|\
         possesses|have had|has had|have been|has been|had a",
    ),
    (Be, "is|are|was|were|be|been|being"),
    (
        Named,
        "named|called|titled|labeled|entitled|known as|with name|with the name|named as|by the name of|\
         with the title|whose name is",
    ),
    (Pronoun, "their|its|his|her|them|they|it|he|she|his or her|those|these|ones"),
    (Possessive, "'s"),
    (Top(true), "top|best|leading"),
    (Top(false), "bottom|worst"),
    (
        Share,
        "share of|share|percentage of|percent of|percentage|proportion of|fraction of|proportion|\
         what percentage of|what share of|% of|contribution of|what percent of|what fraction of|\
         what proportion of|shares of|distribution of the share of|contribution",
    ),
    (Running, "running total of|running total|running sum of|cumulative|cumulated|accumulated|running"),
    (
        Versus,
        "against|versus|vs|vs.|compared to|compared with|in comparison to|in comparison with|relative to|\
         compare with|compared against",
    ),
    (
        Contains,
        "contains|contain|containing|includes the word|include the word|with the word|contains the word|\
         containing the word|contain the word|contains the substring|contains the letter|contain the letter|\
         has the substring|with the substring|including the word|contains the string|includes the string|\
         contains the text|has the word|have the word|contain the substring|containing the letter|with the letter|\
         includes the letter|including|includes|include|containing the substring|having the word|\
         contain the string|contains the words|with the letters|like|matching|mentions|mention|mentioning|\
         contain the text",
    ),
    (
        StartsWith,
        "starts with|start with|starts from|start from|starting with|begins with|begin with|beginning with|started with|\
         that start with the letter|starts with the letter|start with the letter|starting with the letter|\
         begin with the letter|begins with the letter|beginning with the letter|has prefix|have prefix|\
         with prefix|with the prefix|having the prefix|start with letter|starting with letter|starts with letter|\
         starting from letter|initial letter|prefixed with|prefixed by|contain the prefix|has the prefix|\
         starting with the letters|start with the prefix|contains the prefix|starts with the letters|\
         start with the letters",
    ),
    (
        EndsWith,
        "ends with|end with|ending with|ends in|ending in|end in|ends with the letter|ending with the letter|\
         end with the letter|with the suffix|has suffix|ended with|ending with letter|has the suffix|\
         ends with letter|end with letter",
    ),
    (
        Missing,
        "missing|empty|null|blank|unknown|not set|unset|is null|is missing|not specified|unspecified|\
         not available|not recorded|no recorded|not known",
    ),
    (
        Everything,
        "all information about|all the information about|all information of|all the information of|all information|\
         all the information|all details of|all the details of|everything about|all info about|all the info about|\
         information of all|all the information for|all columns of|all fields of|all details|all the details|\
         all details about|all information on|all data of|every detail of|all attributes of|full details of|\
         complete information of|all the details about|all information for|information for all|\
         information about all|the information of|the details of all|all columns|full information of|all the data|\
         the full details of|complete details of",
    ),
    (
        Change,
        "growth of|growth in|growth|change in|change of|increase in|increase of|decrease in|decline in|\
         develop|developed|development of|changed|change",
    ),
    (Grain(Grain::Hour), "hourly|hour by hour"),
    (Grain(Grain::Day), "day|days|daily|per day|by day|each day|for each day|day by day|per calendar day|every day|a day"),
    (Grain(Grain::Week), "week|weeks|weekly|per week|by week|each week|for each week|week by week|every week"),
    (
        Grain(Grain::Month),
        "month|months|monthly|per month|by month|each month|for each month|month by month|every month|in each month|\
         over the months|by calendar month|across months",
    ),
    (
        Grain(Grain::Quarter),
        "quarter|quarters|quarterly|per quarter|by quarter|each quarter|for each quarter|quarter by quarter|every quarter|\
         in each quarter",
    ),
    (
        Grain(Grain::Year),
        "year|years|yearly|annual|annually|per year|by year|each year|for each year|year by year|every year|per annum|\
         in each year|over the years|across years|from year to year",
    ),
    (Grain(Grain::FiscalYear), "per fiscal year|by fiscal year|each fiscal year|for each fiscal year"),
    (Grain(Grain::FiscalQuarter), "per fiscal quarter|by fiscal quarter|each fiscal quarter|for each fiscal quarter"),
    (
        Grain(Grain::DayOfWeek),
        "per weekday|by weekday|each weekday|day of the week|day of week|per day of the week|by day of the week|\
         by day of week|per day of week|weekday|weekdays|for each weekday|on which weekday|days of the week|\
         each day of the week|for each day of the week|on each weekday|on each day of the week|\
         which day of the week|across weekdays|by weekdays",
    ),
    (
        Grain(Grain::HourOfDay),
        "hour of day|hour of the day|by hour of day|per hour of day|by hour of the day|per hour of the day|\
         per hour|by hour|each hour|for each hour|by time of day|each hour of the day",
    ),
    (
        Grain(Grain::MonthOfYear),
        "month of the year|month of year|calendar month|per month of the year|by month of year|\
         by month of the year|per calendar month",
    ),
    (Grain(Grain::QuarterOfYear), "quarter of the year|quarter of year"),
    (
        OverTime,
        "over time|trend|trend of|over the course of time|as a time series|evolve|evolved|evolution of|how has|\
         how have",
    ),
    (Times(2), "twice|more than once|multiple times|at least twice|repeatedly|several times"),
    (
        Repeat,
        "came back within|come back within|returned within|ordered again within|bought again within|repeat within|\
         reordered within|purchased again within|repeat purchase within|second order within|another order within|\
         came back in|order again within|buy again within|repurchased within|come back to buy within|\
         returned for another order within|placed another order within|placed a second order within|\
         made a second purchase within|made another purchase within|had a second order within|a second order within|\
         again within|back within|a second time within",
    ),
    (Rate, "rate|rates"),
    (FirstLast(false), "first|first ever|very first"),
    (FirstLast(true), "last|final|very last"),
];

struct Entry {
    words: Vec<&'static str>,
    op: Op,
}

static INDEX: LazyLock<HashMap<&'static str, Vec<Entry>>> = LazyLock::new(|| {
    let mut index: HashMap<&'static str, Vec<Entry>> = HashMap::new();
    for (op, phrases) in PHRASES {
        for phrase in phrases.split('|') {
            let words: Vec<&'static str> = phrase.split(' ').collect();
            index.entry(words[0]).or_default().push(Entry { words, op: *op });
        }
    }
    for entries in index.values_mut() {
        // Stable: of two meanings of one phrase the one listed first comes first.
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.words.len()));
    }
    index
});

/// The phrases that begin at token `at`, longest first.
pub(in super::super) fn matches_at(tokens: &[Token], at: usize) -> impl Iterator<Item = Match> + '_ {
    let entries = tokens
        .get(at)
        .filter(|token| !token.is_quoted())
        .and_then(|token| INDEX.get(token.lower.as_str()))
        .map_or(&[][..], Vec::as_slice);
    entries.iter().filter_map(move |entry| {
        let fits = entry
            .words
            .iter()
            .enumerate()
            .all(|(offset, word)| tokens.get(at + offset).is_some_and(|token| !token.is_quoted() && token.lower == *word));
        fits.then_some(Match { op: entry.op, length: entry.words.len() })
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::super::tokens::tokenize;
    use super::*;

    #[test]
    fn the_longest_phrase_comes_first() {
        let tokens = tokenize("the most common size");
        assert_eq!(matches_at(&tokens, 1).next().unwrap(), Match { op: Common(true), length: 2 });
        let tokens = tokenize("total number of orders");
        assert_eq!(matches_at(&tokens, 0).next().unwrap(), Match { op: HowMany, length: 3 });
        assert!(matches_at(&tokens, 3).next().is_none());
        assert!(matches_at(&tokens, 9).next().is_none());
    }
}
