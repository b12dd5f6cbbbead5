//! Words of questions that name nothing, in English, German, French and Spanish.

/// Whether a lowercase word without accents names nothing.
pub(crate) fn is_stopword(word: &str) -> bool {
    STOPWORDS.binary_search(&word).is_ok()
}

/// Sorted.
#[rustfmt::skip]
const STOPWORDS: &[&str] = &[
    "a", "about", "above", "after", "against", "al", "all", "alle", "also", "am", "among", "an", "and", "another",
    "any", "are", "as", "at", "auf", "aus", "avec", "be", "been", "before", "bei", "being", "below", "between",
    "both", "but", "by", "cada", "can", "chaque", "combien", "con", "could", "cual", "cuales", "cuantas", "cuantos", "d",
    "dans", "das", "de", "del", "dem", "den", "der", "des", "did", "die", "different", "display", "distinct", "do",
    "does", "doing", "don", "done", "du", "during", "each", "ein", "eine", "einem", "einen", "einer", "eines", "either",
    "el", "en", "est", "et", "every", "find", "finds", "for", "from", "fur", "get", "give", "gives", "had",
    "has", "have", "having", "he", "her", "here", "him", "his", "how", "i", "if", "im", "in", "into",
    "is", "ist", "it", "its", "je", "just", "know", "la", "las", "le", "least", "les", "less", "let",
    "list", "lists", "ll", "los", "m", "many", "may", "me", "might", "mit", "more", "most", "much", "must",
    "my", "nach", "need", "neither", "no", "nor", "not", "o", "oder", "of", "on", "one", "ones", "only",
    "onto", "or", "other", "ou", "our", "over", "par", "para", "per", "please", "por", "pour", "que", "quel",
    "quelle", "quelles", "quels", "qui", "quien", "re", "return", "s", "same", "see", "shall", "she", "should", "show",
    "shows", "sind", "some", "son", "sont", "such", "sur", "t", "tell", "than", "that", "that's", "the", "their",
    "them", "then", "there", "these", "they", "this", "those", "three", "to", "todas", "todos", "too", "tous", "toutes",
    "two", "un", "una", "unas", "und", "under", "une", "unos", "us", "ve", "very", "viele", "vom", "von",
    "wann", "want", "was", "we", "welche", "welcher", "welches", "wer", "were", "what", "when", "where", "which", "who",
    "whom", "whose", "why", "wie", "will", "with", "within", "without", "wo", "would", "y", "you", "your", "zu",
    "zum", "zur",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stopwords_are_sorted() {
        assert!(STOPWORDS.is_sorted() && is_stopword("the") && is_stopword("der") && !is_stopword("order"));
    }
}
