//! The real size of allocations.

/// The bytes that an allocator takes for a request: a header, rounded up; whole pages for large ones. This is how glibc
/// does it; other allocators differ by little. Nothing takes nothing.
pub fn heap_bytes(requested: usize) -> usize {
    match requested {
        0 => 0,
        1..LARGE => (requested + HEADER).next_multiple_of(UNIT).max(2 * UNIT),
        LARGE.. => (requested + UNIT).next_multiple_of(PAGE),
    }
}

const HEADER: usize = 8;
const UNIT: usize = 16;
const LARGE: usize = 128 << 10;
const PAGE: usize = 4 << 10;

/// The size of a vector's allocation, with unused capacity.
pub(super) fn of<T>(vector: &Vec<T>) -> usize {
    heap_bytes(vector.capacity() * size_of::<T>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allocation_takes_more_than_it_was_asked_for() {
        assert_eq!([0, 1, 24, 25, 1_000].map(heap_bytes), [0, 32, 32, 48, 1_008]);
        assert_eq!(heap_bytes(1 << 20), (1 << 20) + PAGE);
    }
}
