//! `dense_vector` and `knn_vector`: lists of as many numbers. Source: Elasticsearch 7.10, "Dense vector field type";
//! OpenSearch 2.19, "k-NN vector" and "Vector data types".

use serde_json::{Map, Value};
use tantivy::schema::SchemaBuilder;

use super::date::DateFormat;
use super::field_type::MappedFieldType;
use super::fields;
use super::parameters::{Parameter, ParameterShape, Parameters, fixed, updatable};
use super::parse_context::ParseContext;
use super::query::{QueryContext, TermLookup};
use crate::exception::Exception;
use crate::value::path::whole_at;
use crate::value::scalar::plain;
use crate::vectors::{CANDIDATES_MAX, LINKS_MAX, VectorSimilarity};

/// The parameters of `dense_vector`.
pub(super) const DENSE_PARAMETERS: &[Parameter] =
    &[fixed("dims", ParameterShape::Scalar), updatable("meta", ParameterShape::Object)];

/// The parameters of `knn_vector`.
pub(super) const KNN_PARAMETERS: &[Parameter] = &[
    fixed("dimension", ParameterShape::Scalar),
    fixed("space_type", ParameterShape::Str("")),
    fixed("data_type", ParameterShape::Str("float")),
    fixed("method", ParameterShape::Object),
    fixed("engine", ParameterShape::Str("")),
    fixed("mode", ParameterShape::Str("in_memory")),
    fixed("compression_level", ParameterShape::Str("1x")),
    fixed("index", ParameterShape::Bool(true)),
    fixed("doc_values", ParameterShape::Bool(true)),
    fixed("store", ParameterShape::Bool(false)),
    updatable("meta", ParameterShape::Object),
];

/// Most numbers of a `dense_vector`, and of a `knn_vector`.
const DENSE_MAX: i64 = 2048;
const KNN_MAX: i64 = 16_000;

/// A field of vectors.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    /// How many numbers a vector has.
    pub dimension: usize,
    /// What is asked of a `knn_vector`; `None`: it is a `dense_vector`.
    pub(crate) nearness: Option<VectorSimilarity>,
    /// The graph that leads to the nearest; `None`: every search looks at all vectors.
    pub(crate) graph: Option<GraphOptions>,
}

/// What a `knn_vector` says of its graph; what it leaves out is said by the index's settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct GraphOptions {
    /// `m`
    pub(crate) links: Option<usize>,
    /// `ef_construction`
    pub(crate) candidates: Option<usize>,
    /// `ef_search`
    pub(crate) search_candidates: Option<usize>,
}

impl MappedFieldType for Vector {
    fn name(&self) -> &'static str {
        if self.nearness.is_some() { "knn_vector" } else { "dense_vector" }
    }

    fn is_indexed(&self) -> bool {
        true
    }

    fn takes_whole(&self) -> bool {
        true
    }

    fn add_to(&self, schema: &mut SchemaBuilder, name: &str) {
        fields::add_bytes(schema, name);
    }

    fn no_column(&self, path: &str) -> String {
        format!(
            "Field [{path}] of type [{}] doesn't support docvalue_fields or aggregations",
            self.name()
        )
    }

    fn whole_values(
        &self,
        path: &str,
        source: &Value,
        _format: Option<&DateFormat>,
    ) -> Option<Vec<Value>> {
        Some(whole_at(source, path).into_iter().cloned().collect())
    }

    fn term(
        &self,
        path: &str,
        _value: &Value,
        context: QueryContext<'_>,
    ) -> Result<TermLookup, Exception> {
        if self.nearness.is_some() {
            return Err(context.refuse(format!(
                "KNN vector do not support exact searching, use KNN queries instead: [{path}]"
            )));
        }
        let reason = format!("Field [{path}] of type [dense_vector] doesn't support queries");
        Err(context.failed(Exception::illegal_argument(reason)))
    }

    fn parse_into(&self, value: &Value, context: &mut ParseContext<'_>) -> Result<bool, Exception> {
        if value.is_null() {
            return Ok(false);
        }
        context.bytes(&bytes(&self.read(&context.leaf.path, context.id, value)?));
        Ok(true)
    }
}

impl Vector {
    pub(super) fn dense(name: &str, parameters: &Parameters) -> Result<Vector, Exception> {
        let Some(dims) = parameters.value("dims") else {
            return Err(Exception::mapper_parsing(format!(
                "The [dims] property must be specified for field [{name}]."
            )));
        };
        let dimension: i64 = plain(dims).parse().unwrap_or(0);
        if !(1..=DENSE_MAX).contains(&dimension) {
            return Err(Exception::mapper_parsing(format!(
                "The number of dimensions for field [{name}] should be in the range [1, {DENSE_MAX}] but was [{dimension}]"
            )));
        }
        Ok(Vector {
            dimension: usize::try_from(dimension).unwrap_or(0),
            nearness: None,
            graph: None,
        })
    }

    pub(super) fn knn(name: &str, parameters: &Parameters) -> Result<Vector, Exception> {
        for (key, only) in
            [("data_type", "float"), ("mode", "in_memory"), ("compression_level", "1x")]
        {
            if let Some(other) = parameters.str(key).filter(|given| given != only) {
                return Err(Exception::not_implemented(&format!(
                    "[{key}] {other} of the knn_vector field {name}"
                )));
            }
        }
        let refused = |reason: String| Err(Exception::illegal_argument(reason));
        let Some(dimension) = parameters.value("dimension") else {
            return refused(format!("Dimension value missing for vector: {name}"));
        };
        let Ok(dimension) = plain(dimension).parse::<i64>() else {
            return refused(format!(
                "Unable to parse [dimension] from provided value [{}] for vector [{name}]",
                plain(dimension)
            ));
        };
        if dimension <= 0 {
            return refused(format!("Dimension value must be greater than 0 for vector: {name}"));
        }
        if dimension > KNN_MAX {
            return refused(format!(
                "Dimension value cannot be greater than {KNN_MAX} for vector: {name}"
            ));
        }
        let method = parameters.value("method").and_then(Value::as_object);
        let method = method.map_or_else(|| Ok(Method::default()), read_method)?;
        let engine = method.engine.or(parameters.str("engine"));
        let engine = engine.unwrap_or_else(|| "faiss".to_owned());
        if !matches!(engine.as_str(), "faiss" | "lucene" | "nmslib") {
            return refused(format!("Invalid engine type: {engine}"));
        }
        let space =
            method.space.or(parameters.str("space_type")).unwrap_or_else(|| "l2".to_owned());
        let nearness = match (space.as_str(), engine.as_str()) {
            ("l2", _) => VectorSimilarity::L2,
            ("l1", "nmslib") => VectorSimilarity::L1,
            ("linf", "nmslib") => VectorSimilarity::Infinite,
            ("cosinesimil", "nmslib") => VectorSimilarity::CosineOfNmslib,
            ("cosinesimil", _) => VectorSimilarity::Cosine,
            ("innerproduct", _) => VectorSimilarity::Product,
            _ => {
                return refused(format!(
                    "Validation Failed: 1: \"hnsw\" configuration does not support space type: \"{space}\".;"
                ));
            }
        };
        let graph = parameters.bool("index", true).then_some(method.graph);
        let dimension = usize::try_from(dimension).unwrap_or(0);
        Ok(Vector { dimension, nearness: Some(nearness), graph })
    }

    /// The numbers of a value, which is a list of them.
    ///
    /// # Errors
    /// `illegal_argument_exception` for what is no list of so many numbers.
    pub(crate) fn read(&self, path: &str, id: &str, value: &Value) -> Result<Vec<f32>, Exception> {
        let refused = |reason: String| Err(Exception::illegal_argument(reason));
        let Value::Array(values) = value else {
            return refused(format!("a vector of the field [{path}] must be a list of numbers"));
        };
        if values.len() != self.dimension {
            let (given, wanted) = (values.len(), self.dimension);
            return refused(match self.nearness {
                Some(_) => {
                    format!("Vector dimension mismatch. Expected: {wanted}, Given: {given}")
                }
                None if given > wanted => format!(
                    "The [dense_vector] field [{path}] in doc [document with id '{id}'] has more dimensions than defined in the mapping [{wanted}]"
                ),
                None => format!(
                    "The [dense_vector] field [{path}] in doc [document with id '{id}'] has a different number of dimensions [{given}] than defined in the mapping [{wanted}]"
                ),
            });
        }
        let vector: Result<Vec<f32>, Exception> = values.iter().map(number).collect();
        let vector = vector?;
        let by_angle = [Some(VectorSimilarity::Cosine), Some(VectorSimilarity::CosineOfNmslib)];
        if by_angle.contains(&self.nearness) && vector.iter().all(|number| *number == 0.0) {
            return refused(
                "zero vector is not supported when space type is [cosinesimil]".to_owned(),
            );
        }
        Ok(vector)
    }
}

fn number(value: &Value) -> Result<f32, Exception> {
    let number = crate::value::scalar::number(value).map(|number| number as f32);
    number.filter(|number| number.is_finite()).ok_or_else(|| {
        let shown = crate::value::java::java(value);
        Exception::illegal_argument(format!("[{shown}] is not a number of a vector"))
    })
}

/// What a `method` says.
#[derive(Default)]
struct Method {
    engine: Option<String>,
    space: Option<String>,
    graph: GraphOptions,
}

fn read_method(method: &Map<String, Value>) -> Result<Method, Exception> {
    let mut read = Method::default();
    for (key, value) in method {
        match key.as_str() {
            "name" if plain(value) == "hnsw" => {}
            "name" => {
                return Err(Exception::not_implemented(&format!("k-NN method {}", plain(value))));
            }
            "engine" => read.engine = Some(plain(value)),
            "space_type" => read.space = Some(plain(value)),
            "parameters" => read.graph = graph_options(value)?,
            _ => return Err(Exception::mapper_parsing(format!("Invalid parameter: {key}"))),
        }
    }
    Ok(read)
}

fn graph_options(parameters: &Value) -> Result<GraphOptions, Exception> {
    let mut read = GraphOptions::default();
    for (key, value) in parameters.as_object().into_iter().flatten() {
        let (place, most) = match key.as_str() {
            "m" => (&mut read.links, LINKS_MAX),
            "ef_construction" => (&mut read.candidates, CANDIDATES_MAX),
            "ef_search" => (&mut read.search_candidates, CANDIDATES_MAX),
            "encoder" => return Err(Exception::not_implemented("k-NN method with an encoder")),
            _ => {
                return Err(Exception::illegal_argument(format!(
                    "Validation Failed: 1: Invalid parameter(s) for method \"hnsw\": [{key}].;"
                )));
            }
        };
        let number = value.as_u64().filter(|number| *number > 0).ok_or_else(|| {
            Exception::illegal_argument(format!(
                "Validation Failed: 1: parameter validation failed for Integer parameter [{key}].;"
            ))
        })?;
        if number > most as u64 {
            return Err(Exception::illegal_argument(format!(
                "[{key}] of a k-NN method is [{number}], at most [{most}] is allowed"
            )));
        }
        *place = usize::try_from(number).ok();
    }
    Ok(read)
}

/// The bytes that a vector is kept as.
fn bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|number| number.to_be_bytes()).collect()
}
