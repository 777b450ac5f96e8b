//! The file of a segment's graphs: for each field its vectors, their documents and their links, under one checksum.
//!
//! ```text
//! "CSKNN001"  fields:u32
//! each field: path length:u32, path, dimension, vectors, entry, m, levels above the ground:u32, nodes of each of them:u32
//!             documents:u32…  numbers:f32…(big-endian)  links on the ground  of each level: its nodes:u32…, their links
//! links of a node: how many:u32, then as many places as the level allows
//! crc32 of all before
//! ```

use std::collections::BTreeMap;
use std::ops::Range;

use tantivy::directory::OwnedBytes;

use super::VectorSimilarity;
use super::build::{FieldVectors, Graph, LEVELS_MAX};
use super::similarity::kept;

const MAGIC: &[u8; 8] = b"CSKNN001";

/// The component of a segment's compound file.
pub(crate) const COMPONENT: &str = "knn";

/// The graphs of one segment, by the paths of their fields.
#[derive(Debug)]
pub(crate) struct SegmentGraphs(BTreeMap<String, VectorGraph>);

/// One graph and its vectors, as they lie in the file.
#[derive(Debug)]
pub(crate) struct VectorGraph {
    bytes: OwnedBytes,
    pub(super) count: usize,
    pub(super) entry: u32,
    dimension: usize,
    documents: Range<usize>,
    numbers: Range<usize>,
    levels: Vec<LevelPlace>,
}

/// Where the links of a level lie.
#[derive(Clone, Debug)]
struct LevelPlace {
    /// The nodes of the level in order; `None`: all.
    nodes: Option<Range<usize>>,
    links: Range<usize>,
    /// Bytes of one node's links.
    stride: usize,
}

/// The bytes of a file that has the graphs of these fields.
pub(crate) fn written(graphs: &[(String, FieldVectors, Graph)]) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    number(&mut out, graphs.len());
    for (path, vectors, graph) in graphs {
        number(&mut out, path.len());
        out.extend_from_slice(path.as_bytes());
        let count = vectors.documents.len();
        let most = graph.parameters.links;
        for header in [vectors.dimension, count, graph.entry as usize, most, graph.upper.len()] {
            number(&mut out, header);
        }
        graph.upper.iter().for_each(|level| number(&mut out, level.len()));
        vectors.documents.iter().for_each(|document| out.extend(document.to_le_bytes()));
        vectors.numbers.iter().for_each(|value| out.extend(value.to_be_bytes()));
        graph.ground.iter().for_each(|of_node| links(&mut out, of_node, 2 * most));
        for level in &graph.upper {
            level.keys().for_each(|node| out.extend(node.to_le_bytes()));
            level.values().for_each(|of_node| links(&mut out, of_node, most));
        }
    }
    let crc = crc32fast::hash(&out);
    out.extend(crc.to_le_bytes());
    out
}

fn number(out: &mut Vec<u8>, value: usize) {
    out.extend(u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes());
}

fn links(out: &mut Vec<u8>, of_node: &[u32], most: usize) {
    number(out, of_node.len().min(most));
    for place in 0..most {
        out.extend(of_node.get(place).copied().unwrap_or_default().to_le_bytes());
    }
}

impl SegmentGraphs {
    /// Reads the file's table, and checks its sum.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn open(bytes: OwnedBytes) -> Result<SegmentGraphs, &'static str> {
        let end = bytes.len().checked_sub(4).ok_or("is too short")?;
        if bytes.get(..8) != Some(&MAGIC[..]) {
            return Err("does not begin like graphs of vectors");
        }
        let crc = crc32fast::hash(bytes.get(..end).unwrap_or_default());
        if number_at(&bytes, end) != Some(crc) {
            return Err("its checksum does not match: a bit was flipped");
        }
        let mut reader = TableReader { bytes: &bytes, at: 8, end };
        let mut graphs = BTreeMap::new();
        for _ in 0..reader.number().ok_or(TORN)? {
            let (path, graph) = reader.field().ok_or(TORN)?;
            graphs.insert(path, graph);
        }
        Ok(SegmentGraphs(graphs))
    }

    /// That of the field at `path`.
    pub(crate) fn get(&self, path: &str) -> Option<&VectorGraph> {
        self.0.get(path)
    }
}

const TORN: &str = "its table points outside";

fn number_at(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(digits.try_into().ok()?))
}

struct TableReader<'b> {
    bytes: &'b OwnedBytes,
    at: usize,
    end: usize,
}

impl TableReader<'_> {
    fn number(&mut self) -> Option<usize> {
        let place = self.take(1, 4)?;
        number_at(self.bytes, place.start).map(|number| number as usize)
    }

    fn take(&mut self, count: usize, bytes: usize) -> Option<Range<usize>> {
        let end = count.checked_mul(bytes).and_then(|bytes| self.at.checked_add(bytes))?;
        let place = (end <= self.end).then_some(self.at..end)?;
        self.at = end;
        Some(place)
    }

    fn field(&mut self) -> Option<(String, VectorGraph)> {
        let path = self.number()?;
        let path = self.take(path, 1)?;
        let path = std::str::from_utf8(self.bytes.get(path)?).ok()?.to_owned();
        let (dimension, count) = (self.number()?, self.number()?);
        let (entry, most, above) = (self.number()?, self.number()?, self.number()?);
        if above > LEVELS_MAX {
            return None;
        }
        let nodes: Vec<usize> = (0..above).map(|_| self.number()).collect::<Option<_>>()?;
        let documents = self.take(count, 4)?;
        let numbers = self.take(count, dimension.checked_mul(4)?)?;
        let stride = |most: usize| most.checked_add(1)?.checked_mul(4);
        let ground = stride(most.checked_mul(2)?)?;
        let links = self.take(count, ground)?;
        let mut levels = vec![LevelPlace { nodes: None, links, stride: ground }];
        for count in nodes {
            let (nodes, stride) = (Some(self.take(count, 4)?), stride(most)?);
            levels.push(LevelPlace { nodes, links: self.take(count, stride)?, stride });
        }
        let (bytes, entry) = (self.bytes.clone(), u32::try_from(entry).ok()?);
        Some((path, VectorGraph { bytes, count, entry, dimension, documents, numbers, levels }))
    }
}

impl VectorGraph {
    /// How many vectors it has.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The document of a node.
    pub(crate) fn document(&self, node: u32) -> Option<u32> {
        let at = self.documents.start.checked_add(node as usize * 4)?;
        number_at(&self.bytes, at).filter(|_| at < self.documents.end)
    }

    /// How far the vector of a node is from `vector`.
    pub(crate) fn distance(&self, similarity: VectorSimilarity, vector: &[f32], node: u32) -> f32 {
        let bytes = self.dimension * 4;
        let start = self.numbers.start + node as usize * bytes;
        let own = self.bytes.get(start..start + bytes).unwrap_or_default();
        similarity.distance(vector, kept(own))
    }

    /// How many levels there are above the ground.
    pub(super) fn levels_above(&self) -> usize {
        self.levels.len().saturating_sub(1)
    }

    /// The links of a node on a level.
    pub(super) fn links(&self, level: usize, node: u32) -> impl Iterator<Item = u32> {
        let links = self.link_bytes(level, node).unwrap_or_default();
        let (numbers, _) = links.as_chunks::<4>();
        let count = numbers.first().map_or(0, |count| u32::from_le_bytes(*count) as usize);
        let count_max = u32::try_from(self.count).unwrap_or(u32::MAX);
        let links = numbers.iter().skip(1).take(count).map(|link| u32::from_le_bytes(*link));
        links.filter(move |link| *link < count_max)
    }

    fn link_bytes(&self, level: usize, node: u32) -> Option<&[u8]> {
        let place = self.levels.get(level)?;
        let row = match &place.nodes {
            None => node as usize,
            Some(nodes) => {
                let (nodes, _) = self.bytes.get(nodes.clone())?.as_chunks::<4>();
                nodes.binary_search_by_key(&node, |known| u32::from_le_bytes(*known)).ok()?
            }
        };
        let start = place.links.start.checked_add(row.checked_mul(place.stride)?)?;
        self.bytes.get(start..start.checked_add(place.stride)?)
    }
}
