//! A small cache: what was used lately is kept, up to a number of values.

use std::collections::BTreeMap;

/// Values by key, the least recently used forgotten first.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    values: BTreeMap<K, (u64, V)>,
    uses: u64,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self {
            values: BTreeMap::new(),
            uses: 0,
        }
    }
}

impl<K: Ord + Clone, V: Clone> Recent<K, V> {
    pub(super) fn get(&mut self, key: &K) -> Option<V> {
        self.uses += 1;
        let (used, value) = self.values.get_mut(key)?;
        *used = self.uses;
        Some(value.clone())
    }

    pub(super) fn put(&mut self, key: K, value: V, most: usize) {
        self.uses += 1;
        self.values.insert(key, (self.uses, value));
        while self.values.len() > most {
            let oldest = self.values.iter().min_by_key(|(_, (used, _))| *used);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else {
                return;
            };
            self.values.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_is_forgotten() {
        let mut recent = Recent::default();
        for number in 0..3 {
            recent.put(number, number, 3);
        }
        assert_eq!(recent.get(&0), Some(0));
        recent.put(3, 3, 3);
        assert_eq!((recent.get(&1), recent.get(&0)), (None, Some(0)));
    }
}
