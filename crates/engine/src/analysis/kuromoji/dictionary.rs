//! The dictionary that the operator provides: opened when somebody first needs it, and shared by all indices.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::lexicon::Lexicon;

/// The folder of a dictionary that MeCab compiled, and what was read from it.
#[derive(Debug)]
pub struct JapaneseDictionary {
    folder: PathBuf,
    lexicon: OnceLock<Result<Arc<Lexicon>, String>>,
}

impl JapaneseDictionary {
    /// The dictionary in `folder`, of which only the beginnings of its files are looked at here.
    ///
    /// # Errors
    /// The file that is missing or not MeCab's, and what is wrong with it.
    pub fn in_folder(folder: &Path) -> Result<JapaneseDictionary, String> {
        Lexicon::check(folder)?;
        Ok(JapaneseDictionary { folder: folder.to_owned(), lexicon: OnceLock::new() })
    }

    /// All of it, in memory.
    ///
    /// # Errors
    /// What is wrong with a file.
    pub(in crate::analysis) fn lexicon(&self) -> Result<Arc<Lexicon>, String> {
        self.lexicon.get_or_init(|| Lexicon::read(&self.folder).map(Arc::new)).clone()
    }
}
