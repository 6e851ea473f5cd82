//! What is shown of the counts, as a table or as JSON.

use std::cmp::Reverse;
use std::io::{self, Write};

use serde::Serialize;

use crate::count::Counts;

#[derive(Serialize)]
pub struct Report {
    files: usize,
    words: u64,
    distinct: usize,
    top: Vec<Row>,
}

#[derive(Debug, PartialEq, Serialize)]
struct Row {
    word: String,
    count: u64,
}

impl Report {
    /// The `top` most frequent words; equally frequent ones in alphabetical order, so that the answer never varies.
    pub fn new(counts: Counts, files: usize, top: usize) -> Self {
        let words = counts.0.values().sum();
        let distinct = counts.0.len();
        let mut rows: Vec<Row> = counts
            .0
            .into_iter()
            .map(|(word, count)| Row { word, count })
            .collect();
        rows.sort_unstable_by(|a, b| (Reverse(a.count), &a.word).cmp(&(Reverse(b.count), &b.word)));
        rows.truncate(top);
        Report {
            files,
            words,
            distinct,
            top: rows,
        }
    }

    pub fn write_table(&self, out: &mut impl Write) -> io::Result<()> {
        for row in &self.top {
            writeln!(out, "{:>8}  {}", row.count, row.word)?;
        }
        writeln!(
            out,
            "{} words, {} distinct, in {} files",
            self.words, self.distinct, self.files
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(top: usize) -> Report {
        let counts = [("b", 1), ("a", 1), ("c", 7)];
        let counts = Counts(counts.iter().map(|&(w, n)| (w.to_owned(), n)).collect());
        Report::new(counts, 2, top)
    }

    #[test]
    fn sorts_by_count_then_by_word() {
        let words: Vec<_> = report(9).top.into_iter().map(|row| row.word).collect();
        assert_eq!(words, ["c", "a", "b"]);
    }

    #[test]
    fn totals_count_what_the_table_leaves_out() {
        let mut table = Vec::new();
        report(1).write_table(&mut table).unwrap();
        let table = String::from_utf8(table).unwrap();
        assert_eq!(table, "       7  c\n9 words, 3 distinct, in 2 files\n");
    }
}
