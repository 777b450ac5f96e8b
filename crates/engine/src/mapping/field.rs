//! One leaf of a mapping: its type, its parameters, its multi-fields. The parameters of every type are a table; reading,
//! printing, defaults and the update conflicts all follow from it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::field_type::FieldType;
use super::field_types::{self, ParameterReader};
use super::parameters::{Parameter, Parameters};
use super::text::Text;
use crate::exception::Exception;
use crate::value::scalar::{self, plain};

/// Parameters that every type takes, and passes over where they mean nothing to it.
/// (`ParametrizedFieldMapper.isDeprecatedParameter`.)
const PASSED_OVER: &[&str] =
    &["boost", "doc_values", "index", "index_options", "meta", "similarity", "store"];

/// A leaf as the mapping's author wrote it.
#[derive(Clone, Debug)]
pub struct FieldMapping {
    /// The type with its parameters.
    pub(crate) kind: FieldType,
    /// The parameters that differ from their defaults, by name.
    pub parameters: BTreeMap<&'static str, Value>,
    /// Multi-fields.
    pub fields: BTreeMap<String, FieldMapping>,
    /// Paths that also get the values.
    pub copy_to: Vec<String>,
}

impl FieldMapping {
    /// Reads the definition of the leaf `name` whose `type` is `kind`.
    ///
    /// # Errors
    /// `mapper_parsing_exception` for an unknown type or parameter, or a value that a parameter cannot have.
    pub fn parse(
        name: &str,
        kind: &str,
        definition: &Map<String, Value>,
    ) -> Result<FieldMapping, Exception> {
        let row = field_types::named(name, kind)?;
        let table = row.parameters;
        let takes_all = row.reader != ParameterReader::OwnOnly;
        let mut read = BTreeMap::new();
        let mut fields = BTreeMap::new();
        let mut copy_to = Vec::new();
        let older = row.reader != ParameterReader::Parametrized;
        for (key, value) in definition {
            match key.as_str() {
                "type" => {}
                key if older && value.is_null() && key != "null_value" => {
                    let reason = format!("[{key}] must not have a [null] value");
                    return Err(Exception::mapper_parsing(reason));
                }
                "fields" if takes_all => fields = multi_fields(name, value)?,
                "copy_to" => copy_to = scalar::list(value),
                key if takes_all
                    && PASSED_OVER.contains(&key)
                    && table.iter().all(|row| row.name != key) => {}
                key => {
                    let parameter = table.iter().find(|row| row.name == key).ok_or_else(|| {
                        if older {
                            return Exception::mapper_parsing(format!(
                                "Mapping definition for [{name}] has unsupported parameters:  [{key} : {}]",
                                crate::value::java::java(value)
                            ));
                        }
                        Exception::mapper_parsing(format!(
                            "unknown parameter [{key}] on mapper [{name}] of type [{kind}]"
                        ))
                    })?;
                    if value.is_null() && !parameter.takes_null() {
                        return Err(Exception::mapper_parsing(format!(
                            "[{key}] on mapper [{name}] of type [{kind}] must not have a [null] value"
                        )));
                    }
                    let value = parameter.read(name, value, older)?;
                    if value != parameter.default() {
                        read.insert(parameter.name, value);
                    }
                }
            }
        }
        let mut parameters = Parameters(read);
        let kind = (row.build)(name, &mut parameters)?;
        Ok(FieldMapping { kind, parameters: parameters.0, fields, copy_to })
    }

    /// The definition as Elasticsearch prints it: the type, then what differs from the defaults.
    pub fn to_json(&self) -> Value {
        let mut out = Map::new();
        out.insert("type".into(), self.kind.name().into());
        if !self.fields.is_empty() {
            let fields = self.fields.iter().map(|(name, field)| (name.clone(), field.to_json()));
            out.insert("fields".into(), Value::Object(fields.collect()));
        }
        if !self.copy_to.is_empty() {
            out.insert("copy_to".into(), self.copy_to.clone().into());
        }
        for row in self.table() {
            if let Some(value) = self.parameters.get(row.name) {
                out.insert(row.name.into(), value.clone());
            } else if row.always_printed {
                out.insert(row.name.into(), row.default());
            }
        }
        if self.kind.is::<Text>() && out.contains_key("search_analyzer") {
            // The default is told where the other is another.
            if out.get("analyzer") == out.get("search_analyzer") {
                out.remove("search_analyzer");
            } else if !out.contains_key("analyzer") {
                out.insert("analyzer".into(), "default".into());
            }
        }
        Value::Object(out)
    }

    /// The rows of this leaf's type.
    pub(super) fn table(&self) -> &'static [Parameter] {
        field_types::parameters(self.kind.name())
    }
}

fn multi_fields(name: &str, value: &Value) -> Result<BTreeMap<String, FieldMapping>, Exception> {
    let Value::Object(fields) = value else {
        return Err(Exception::mapper_parsing(format!(
            "expected map for property [fields] on field [{name}] or [mapping] but got {}",
            plain(value)
        )));
    };
    let one = |(inner, definition): (&String, &Value)| {
        let Value::Object(definition) = definition else {
            return Err(Exception::mapper_parsing(format!(
                "illegal field [{inner}], only fields can be specified inside fields"
            )));
        };
        let kind = definition.get("type").and_then(Value::as_str).ok_or_else(|| {
            Exception::mapper_parsing(format!(
                "no type specified for property [{inner}] of field [{name}]"
            ))
        })?;
        if kind == "object" || kind == "nested" {
            return Err(Exception::mapper_parsing(format!(
                "Type [{kind}] cannot be used in multi field"
            )));
        }
        if inner.contains('.') || inner.is_empty() {
            return Err(Exception::mapper_parsing(format!(
                "Field name [{inner}] which is a multi field of [{name}] cannot contain '.'"
            )));
        }
        Ok((inner.clone(), FieldMapping::parse(inner, kind, definition)?))
    };
    fields.iter().map(one).collect()
}
