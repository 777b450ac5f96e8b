//! How near two vectors are. Source: OpenSearch 2.19, "Spaces".

/// How near two vectors are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VectorSimilarity {
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

/// A number of a vector, as it is kept.
pub(crate) trait KeptNumber: Copy {
    /// The number.
    fn number(self) -> f32;
}

impl KeptNumber for f32 {
    fn number(self) -> f32 {
        self
    }
}

impl KeptNumber for [u8; 4] {
    fn number(self) -> f32 {
        f32::from_be_bytes(self)
    }
}

/// The numbers of the bytes that a vector is kept as.
pub(crate) fn kept(bytes: &[u8]) -> &[[u8; 4]] {
    bytes.as_chunks().0
}

/// How many sums run beside each other, so that the processor adds them at once.
const LANES: usize = 8;

/// The sum of what `each` makes of the numbers of two vectors at one place.
fn sum<T: KeptNumber>(vector: &[f32], kept: &[T], each: impl Fn(f32, f32) -> f32) -> f32 {
    let (own, own_rest) = vector.as_chunks::<LANES>();
    let (other, other_rest) = kept.as_chunks::<LANES>();
    let mut lanes = [0.0f32; LANES];
    for (own, other) in own.iter().zip(other) {
        for ((lane, a), b) in lanes.iter_mut().zip(own).zip(other) {
            *lane += each(*a, b.number());
        }
    }
    let rest = own_rest.iter().zip(other_rest).map(|(a, b)| each(*a, b.number()));
    lanes.iter().sum::<f32>() + rest.sum::<f32>()
}

impl VectorSimilarity {
    /// How far `kept` is from `vector`: less is nearer.
    pub(crate) fn distance<T: KeptNumber>(self, vector: &[f32], kept: &[T]) -> f32 {
        match self {
            VectorSimilarity::L2 => sum(vector, kept, |a, b| (a - b) * (a - b)),
            VectorSimilarity::L1 => sum(vector, kept, |a, b| (a - b).abs()),
            VectorSimilarity::Infinite => {
                let pairs = vector.iter().zip(kept);
                pairs.map(|(a, b)| (a - b.number()).abs()).fold(0.0, f32::max)
            }
            VectorSimilarity::Cosine | VectorSimilarity::CosineOfNmslib => {
                let product = sum(vector, kept, |a, b| a * b);
                let own = sum(vector, vector, |a, _| a * a);
                let other = sum(vector, kept, |_, b| b * b);
                1.0 - product / (own * other).sqrt()
            }
            VectorSimilarity::Product => -sum(vector, kept, |a, b| a * b),
        }
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
        let score = |space: VectorSimilarity, vector: [f32; 2]| {
            space.of_distance(space.distance(&vector, &[0.0f32, 3.0]))
        };
        assert_eq!(score(VectorSimilarity::L2, [4.0, 0.0]), 1.0 / 26.0);
        assert_eq!(score(VectorSimilarity::L1, [4.0, 0.0]), 1.0 / 8.0);
        assert_eq!(score(VectorSimilarity::Infinite, [4.0, 0.0]), 1.0 / 5.0);
        assert_eq!(score(VectorSimilarity::Cosine, [4.0, 0.0]), 0.5);
        assert_eq!(score(VectorSimilarity::CosineOfNmslib, [4.0, 0.0]), 0.5);
        assert_eq!(score(VectorSimilarity::Product, [4.0, 0.0]), 1.0);
        assert_eq!(score(VectorSimilarity::Product, [1.0, 2.0]), 7.0);
        assert_eq!(score(VectorSimilarity::Product, [1.0, -2.0]), 1.0 / 7.0);
    }

    #[test]
    fn every_number_of_a_long_vector_counts() {
        let vector: Vec<f32> = (0..19u8).map(f32::from).collect();
        let bytes: Vec<u8> =
            vector.iter().flat_map(|number| (number + 1.0).to_be_bytes()).collect();
        assert_eq!(VectorSimilarity::L2.distance(&vector, kept(&bytes)), 19.0);
    }
}
