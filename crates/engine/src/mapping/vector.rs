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
    pub nearness: Option<VectorSimilarity>,
}

/// How near two vectors are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VectorSimilarity {
    /// By the square of the distance.
    L2,
    /// By the sum of the differences.
    L1,
    /// By the greatest difference.
    Infinite,
    /// By the angle, as Lucene and Faiss score it.
    Cosine,
    /// By the angle, as NMSLIB scores it.
    CosineOfNmslib,
    /// By the product.
    Product,
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
        Ok(Vector { dimension: usize::try_from(dimension).unwrap_or(0), nearness: None })
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
        let (engine, of_method) = method.map_or(Ok((None, None)), read_method)?;
        let engine = engine.or(parameters.str("engine"));
        let engine = engine.unwrap_or_else(|| "faiss".to_owned());
        if !matches!(engine.as_str(), "faiss" | "lucene" | "nmslib") {
            return refused(format!("Invalid engine type: {engine}"));
        }
        let space = of_method.or(parameters.str("space_type")).unwrap_or_else(|| "l2".to_owned());
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
        Ok(Vector { dimension: usize::try_from(dimension).unwrap_or(0), nearness: Some(nearness) })
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

/// The engine and the space of a `method`. Its graph is not built: every search looks at all vectors, which finds what a
/// graph of any parameters may at best.
fn read_method(method: &Map<String, Value>) -> Result<(Option<String>, Option<String>), Exception> {
    let (mut engine, mut space) = (None, None);
    for (key, value) in method {
        match key.as_str() {
            "name" if plain(value) == "hnsw" => {}
            "name" => {
                return Err(Exception::not_implemented(&format!("k-NN method {}", plain(value))));
            }
            "engine" => engine = Some(plain(value)),
            "space_type" => space = Some(plain(value)),
            "parameters" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    match key.as_str() {
                        "m" | "ef_construction" | "ef_search" => {
                            if value.as_i64().is_none_or(|number| number < 1) {
                                return Err(Exception::illegal_argument(format!(
                                    "Validation Failed: 1: parameter validation failed for Integer parameter [{key}].;"
                                )));
                            }
                        }
                        "encoder" => {
                            return Err(Exception::not_implemented("k-NN method with an encoder"));
                        }
                        _ => {
                            return Err(Exception::illegal_argument(format!(
                                "Validation Failed: 1: Invalid parameter(s) for method \"hnsw\": [{key}].;"
                            )));
                        }
                    }
                }
            }
            _ => return Err(Exception::mapper_parsing(format!("Invalid parameter: {key}"))),
        }
    }
    Ok((engine, space))
}

/// The bytes that a vector is kept as.
fn bytes(vector: &[f32]) -> Vec<u8> {
    vector.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// The numbers of kept bytes.
fn numbers(bytes: &[u8]) -> impl Iterator<Item = f32> {
    bytes.chunks_exact(4).filter_map(|number| Some(f32::from_be_bytes(number.try_into().ok()?)))
}

impl VectorSimilarity {
    /// The score of a kept vector that is asked for by `vector`.
    pub(crate) fn score(self, vector: &[f32], kept: &[u8]) -> f32 {
        let pairs = || vector.iter().copied().zip(numbers(kept));
        let distance = match self {
            VectorSimilarity::L2 => pairs().map(|(a, b)| (a - b) * (a - b)).sum(),
            VectorSimilarity::L1 => pairs().map(|(a, b)| (a - b).abs()).sum(),
            VectorSimilarity::Infinite => pairs().map(|(a, b)| (a - b).abs()).fold(0.0, f32::max),
            VectorSimilarity::Cosine | VectorSimilarity::CosineOfNmslib => {
                let product: f32 = pairs().map(|(a, b)| a * b).sum();
                let own: f32 = vector.iter().map(|a| a * a).sum();
                let other: f32 = numbers(kept).map(|b| b * b).sum();
                1.0 - product / (own * other).sqrt()
            }
            VectorSimilarity::Product => -pairs().map(|(a, b)| a * b).sum::<f32>(),
        };
        self.of_distance(distance)
    }

    /// The score of a distance. Source: OpenSearch, "Spaces".
    pub(crate) fn of_distance(self, distance: f32) -> f32 {
        match self {
            VectorSimilarity::Cosine => (2.0 - distance) / 2.0,
            VectorSimilarity::Product if distance < 0.0 => 1.0 - distance,
            _ => 1.0 / (1.0 + distance),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_the_spaces() {
        let kept = bytes(&[0.0, 3.0]);
        let score = |nearness: VectorSimilarity| nearness.score(&[4.0, 0.0], &kept);
        assert_eq!(score(VectorSimilarity::L2), 1.0 / 26.0);
        assert_eq!(score(VectorSimilarity::L1), 1.0 / 8.0);
        assert_eq!(score(VectorSimilarity::Infinite), 1.0 / 5.0);
        assert_eq!(score(VectorSimilarity::Cosine), 0.5);
        assert_eq!(score(VectorSimilarity::CosineOfNmslib), 0.5);
        assert_eq!(score(VectorSimilarity::Product), 1.0);
        assert_eq!(VectorSimilarity::Product.score(&[1.0, 2.0], &kept), 7.0);
        assert_eq!(VectorSimilarity::Product.score(&[1.0, -2.0], &kept), 1.0 / 7.0);
    }
}
