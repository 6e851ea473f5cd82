//! Counting the words of one text.

use std::collections::HashMap;

use anyhow::{Context, Result};
use regex::Regex;

/// Decides what counts as a word.
pub struct Counter {
    word: Regex,
    min_length: usize,
    case_sensitive: bool,
}

/// How often each word was seen.
#[derive(Debug, Default, PartialEq)]
pub struct Counts(pub HashMap<String, u64>);

impl Counter {
    pub fn new(word: &str, min_length: usize, case_sensitive: bool) -> Result<Self> {
        let word = Regex::new(word).with_context(|| format!("--word '{word}'"))?;
        Ok(Counter {
            word,
            min_length,
            case_sensitive,
        })
    }

    pub fn count(&self, text: &str) -> Counts {
        let mut counts = HashMap::new();
        for found in self.word.find_iter(text) {
            let word = found.as_str();
            if word.chars().count() >= self.min_length {
                *counts.entry(self.folded(word)).or_insert(0) += 1;
            }
        }
        Counts(counts)
    }

    fn folded(&self, word: &str) -> String {
        if self.case_sensitive {
            word.to_owned()
        } else {
            word.to_lowercase()
        }
    }
}

impl Counts {
    /// The sum of both. The smaller one is added to the larger, since that copies less.
    pub fn merged(self, other: Counts) -> Counts {
        let (mut large, small) = if self.0.len() >= other.0.len() {
            (self.0, other.0)
        } else {
            (other.0, self.0)
        };
        for (word, count) in small {
            *large.entry(word).or_insert(0) += count;
        }
        Counts(large)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(pairs: &[(&str, u64)]) -> Counts {
        Counts(pairs.iter().map(|&(w, n)| (w.to_owned(), n)).collect())
    }

    #[test]
    fn folds_case_unless_told_otherwise() {
        let text = "Tick, tock. TICK!";
        let folding = Counter::new(r"\p{Alphabetic}+", 1, false).unwrap();
        assert_eq!(folding.count(text), counts(&[("tick", 2), ("tock", 1)]));
        let exact = Counter::new(r"\p{Alphabetic}+", 1, true).unwrap();
        assert_eq!(
            exact.count(text),
            counts(&[("Tick", 1), ("tock", 1), ("TICK", 1)])
        );
    }

    #[test]
    fn measures_words_in_letters_not_bytes() {
        let counter = Counter::new(r"\p{Alphabetic}+", 3, false).unwrap();
        assert_eq!(counter.count("öl äöü"), counts(&[("äöü", 1)]));
    }

    #[test]
    fn refuses_a_bad_expression() {
        assert!(Counter::new("(", 1, false).is_err());
    }

    #[test]
    fn merging_adds_either_way_round() {
        let one = || counts(&[("a", 1), ("b", 2)]);
        let two = || counts(&[("b", 3)]);
        let sum = counts(&[("a", 1), ("b", 5)]);
        assert_eq!(one().merged(two()), sum);
        assert_eq!(two().merged(one()), sum);
    }
}
