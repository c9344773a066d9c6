//! Server-rendered pages: catalogue, vendor console, review desk.
