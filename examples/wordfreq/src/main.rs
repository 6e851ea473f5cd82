//! Counts the words in files and directories, on all processors, and prints the most frequent.

mod count;
mod report;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use rayon::prelude::*;
use walkdir::WalkDir;

use count::{Counter, Counts};
use report::Report;

/// Count the words in files and directories.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Files and directories to read
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,

    /// How many words to show
    #[arg(short = 'n', long, default_value_t = 10)]
    top: usize,

    /// Leave out shorter words
    #[arg(short, long, default_value_t = 1, value_name = "LETTERS")]
    min_length: usize,

    /// Take A and a for two letters
    #[arg(short, long)]
    case_sensitive: bool,

    /// What a word is, as a regular expression
    #[arg(short, long, default_value = r"\p{Alphabetic}+", value_name = "REGEX")]
    word: String,

    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let counter = Counter::new(&options.word, options.min_length, options.case_sensitive)?;
    let files = find_files(&options.paths)?;
    let counts = count_files(&counter, &files);
    let report = Report::new(counts, files.len(), options.top);

    let mut out = BufWriter::new(io::stdout().lock());
    if options.json {
        serde_json::to_writer_pretty(&mut out, &report)?;
        writeln!(out)?;
    } else {
        report.write_table(&mut out)?;
    }
    Ok(out.flush()?)
}

/// All files at and below `paths`; links are not followed, and hidden directories are left out.
fn find_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        let entries = WalkDir::new(path)
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.path()));
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot read {}", path.display()))?;
            if entry.file_type().is_file() {
                files.push(entry.into_path());
            }
        }
    }
    Ok(files)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// What cannot be read, or is not text, is skipped with a warning: one such file should not spoil the answer.
fn count_files(counter: &Counter, files: &[PathBuf]) -> Counts {
    files
        .par_iter()
        .filter_map(|path| match std::fs::read_to_string(path) {
            Ok(text) => Some(counter.count(&text)),
            Err(error) => {
                eprintln!("wordfreq: skipping {}: {error}", path.display());
                None
            }
        })
        .reduce(Counts::default, Counts::merged)
}
