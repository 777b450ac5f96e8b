//! In which order things come that have no order of their own: that of Lucene's queue, by which Elasticsearch's answers are
//! made.

use crate::flavor::Flavor;

/// A bounded heap with the least on top (Lucene's `PriorityQueue`; the first slot stays empty, as there).
struct LeastHeap<T, F: Fn(&T, &T) -> bool> {
    slots: Vec<T>,
    size: usize,
    less: F,
    /// Whether one as great as the least takes its place in a full heap: in Lucene 8, not in 9.
    replaces_equals: bool,
}

impl<T, F: Fn(&T, &T) -> bool> LeastHeap<T, F> {
    fn less(&self, a: usize, b: usize) -> bool {
        match (self.slots.get(a - 1), self.slots.get(b - 1)) {
            (Some(a), Some(b)) => (self.less)(a, b),
            _ => false,
        }
    }

    fn insert(&mut self, item: T) {
        if self.slots.len() < self.size {
            self.slots.push(item);
            let mut at = self.slots.len();
            while at > 1 && self.less(at, at / 2) {
                self.slots.swap(at - 1, at / 2 - 1);
                at /= 2;
            }
        } else if self.slots.first().is_some_and(|least| match self.replaces_equals {
            true => !(self.less)(&item, least),
            false => (self.less)(least, &item),
        }) {
            if let Some(least) = self.slots.first_mut() {
                *least = item;
            }
            self.sink();
        }
    }

    /// Moves the top down to its place.
    fn sink(&mut self) {
        let mut at = 1;
        loop {
            let mut child = at * 2;
            if child > self.slots.len() {
                return;
            }
            if child < self.slots.len() && self.less(child + 1, child) {
                child += 1;
            }
            if !self.less(child, at) {
                return;
            }
            self.slots.swap(child - 1, at - 1);
            at = child;
        }
    }

    fn pop(&mut self) -> Option<T> {
        if self.slots.is_empty() {
            return None;
        }
        let least = self.slots.swap_remove(0);
        self.sink();
        Some(least)
    }
}

/// The `size` greatest of `items`, the greatest first; of equals those that the queue of the service's Lucene gives first.
pub(crate) fn greatest<T>(
    items: impl IntoIterator<Item = T>,
    size: usize,
    flavor: Flavor,
    less: impl Fn(&T, &T) -> bool,
) -> Vec<T> {
    let replaces_equals = flavor == Flavor::Elasticsearch710;
    let mut heap = LeastHeap { slots: Vec::new(), size, less, replaces_equals };
    items.into_iter().for_each(|item| heap.insert(item));
    let mut listed: Vec<T> = std::iter::from_fn(|| heap.pop()).collect();
    listed.reverse();
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_come_first() {
        let listed = greatest([3, 9, 1, 7, 5, 8], 4, Flavor::OpenSearch219, |a, b| a < b);
        assert_eq!(listed, [9, 8, 7, 5]);
    }

    #[test]
    fn in_a_full_queue_an_equal_one_takes_the_place_of_the_least_or_does_not() {
        let kept = |flavor| greatest([(1, 'a'), (1, 'b')], 1, flavor, |a, b| a.0 < b.0);
        assert_eq!(kept(Flavor::Elasticsearch710), [(1, 'b')]);
        assert_eq!(kept(Flavor::OpenSearch219), [(1, 'a')]);
    }

    #[test]
    fn names_come_in_the_order_of_their_hashes() {
        let names = ["price", "n", "small"].map(str::to_owned);
        let mut order = crate::value::java::hash_order(&names);
        order.sort_unstable();
        assert_eq!(order, [0, 1, 2]);
    }
}
