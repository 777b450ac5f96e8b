//! What documents must hold to be seen, as whoever authorizes a request has decided: conditions on the values of their fields,
//! joined. The engine asks them of the columns of an index and knows nothing of the language they were written in.

use std::fmt::Debug;
use std::sync::Arc;

use crate::dsl::Query;
use crate::value_mask::ValueMask;

/// For which documents something is allowed.
#[derive(Clone, Debug)]
pub enum DocumentRule {
    /// For all.
    Always,
    /// For none.
    Never,
    /// For those of which a test of the values of one field holds.
    If(Arc<dyn ValueTest>),
    /// For those that a query finds.
    Query(Query),
    /// For those for which it is not allowed by this.
    Not(Box<DocumentRule>),
    /// For those of all of these.
    All(Vec<DocumentRule>),
    /// For those of one of these.
    Any(Vec<DocumentRule>),
}

/// A test of the values that a document has in one field.
pub trait ValueTest: Debug + Send + Sync {
    /// The field's path.
    fn field(&self) -> &str;

    /// What it reads the values as.
    fn reads(&self) -> TestedValue;

    /// Whether it holds of these values, each once and as text: numbers in decimals, moments and addresses as ISO 8601 and
    /// RFC 5952 write them, `true` and `false`. None: the document has no value there.
    fn holds(&self, values: &[String]) -> bool;

    /// Of which values alone it can hold, as an aid for looking documents up; `None`: that is not known.
    fn only_of(&self) -> Option<OnlyValues> {
        None
    }
}

/// The values of which a test can hold at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnlyValues {
    /// As [`ValueTest::holds`] is told them: of no other value it holds where a document has one, nor where it has none.
    pub values: Vec<String>,
    /// Whether it needs one of them where a document has several, too.
    pub of_several: bool,
}

/// What the values of a field must be, so that a test of them is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestedValue {
    /// Text as it was written.
    Text,
    /// Whole numbers.
    Number,
    /// Moments.
    Date,
    /// Flags.
    Boolean,
    /// Addresses.
    Ip,
    /// Any of these: only whether there is a value is asked.
    Presence,
}

/// Is told of each field that a request touches, by its path, as often as it does. It decides nothing.
#[derive(Clone, Default)]
pub struct FieldObserver(Option<Arc<TellsOfField>>);

type TellsOfField = dyn Fn(&str) + Send + Sync;

impl FieldObserver {
    /// One that tells `told`.
    pub fn telling(told: impl Fn(&str) + Send + Sync + 'static) -> FieldObserver {
        FieldObserver(Some(Arc::new(told)))
    }

    /// Whether there is somebody who is told.
    pub(crate) fn is_told(&self) -> bool {
        self.0.is_some()
    }

    /// The request touches the field at `path`.
    #[inline]
    pub(crate) fn touched(&self, path: &str) {
        if let FieldObserver(Some(told)) = self {
            told(path);
        }
    }
}

impl Debug for FieldObserver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FieldObserver")
    }
}

/// Of which documents which fields are seen.
pub trait FieldRules: Debug + Send + Sync {
    /// The documents that show the field at `path`. What is inside an object, and the multi-fields of a field, have paths of
    /// their own.
    fn at_field(&self, path: &str) -> DocumentRule;

    /// Whether [`FieldRules::at_field`] is not the same for all fields.
    fn differ(&self) -> bool;

    /// Whether [`FieldRules::at_field`] may be another for something inside the field at `path` than for the field.
    fn differ_inside(&self, path: &str) -> bool;

    /// What is seen of documents that may have these fields.
    fn of_fields(&self, paths: &[&str]) -> ShownFields;

    /// What is seen of the values of the field at `path` in documents that are read, where the field is not seen: nothing, or
    /// other values.
    fn mask(&self, _path: &str) -> Option<Arc<ValueMask>> {
        None
    }
}

/// What is seen of the documents of an index.
pub struct ShownFields {
    /// Those of which some field is seen: the others do not exist.
    pub documents: DocumentRule,
    /// Whether the field at a path is seen in each of them.
    pub shows: Arc<dyn Fn(&str) -> bool + Send + Sync>,
}
