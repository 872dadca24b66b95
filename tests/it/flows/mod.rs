//! Stories across rooms: from a request to the receivers, and what happens on the way.

mod road;
