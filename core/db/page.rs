//! A page of a list, as Laravel's length-aware paginator counts it.

/// Which page is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// From 1.
    pub page: i64,
    /// Rows on a page, 1 to 100.
    pub per_page: i64,
}

impl PageRequest {
    /// Rows before the page.
    pub const fn offset(self) -> i64 {
        (self.page - 1).saturating_mul(self.per_page)
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { page: 1, per_page: 15 }
    }
}

/// The rows of one page and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paged<T> {
    /// Rows of this page.
    pub rows: Vec<T>,
    /// Rows of all pages.
    pub total: i64,
    /// Which page it is.
    pub request: PageRequest,
}

impl<T> Paged<T> {
    /// Turns each row into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Paged<U> {
        Paged { rows: self.rows.into_iter().map(turn).collect(), total: self.total, request: self.request }
    }
}
