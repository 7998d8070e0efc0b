//! How a row of elements is laid out as a picture.

/// Extents of a picture, and where its elements stand in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    /// Colour channels.
    pub channels: usize,
    /// Rows of pixels.
    pub height: usize,
    /// Columns of pixels.
    pub width: usize,
    /// Whether the channels of a pixel stand together, as in `TensorFlow`, instead of plane after plane.
    pub channels_last: bool,
}

impl Picture {
    /// The layout that `shape`, with the number of samples first, states: `[n, c, h, w]`, `[n, h, w, c]` with one, three
    /// or four channels, or `[n, h, w]`; `None` when it states none.
    pub fn stated(shape: &[usize]) -> Option<Self> {
        let few = |extent: usize| matches!(extent, 1 | 3 | 4);
        match *shape {
            [_, height, width, channels] if few(channels) && !few(height) && width > 1 => {
                Some(Self { channels, height, width, channels_last: true })
            }
            [_, channels, height, width] if height > 1 && width > 1 => {
                Some(Self { channels, height, width, channels_last: false })
            }
            [_, height, width] if height > 1 && width > 1 => {
                Some(Self { channels: 1, height, width, channels_last: false })
            }
            _ => None,
        }
    }

    /// The layout as stated if it holds `elements`; else a row of a square number of elements is taken for a picture in
    /// one channel, any other row for a strip of height 1.
    pub fn guess(shape: &[usize], elements: usize) -> Self {
        let stated = match *shape {
            // An odd shape of four extents still is a picture of its extents, however thin.
            [_, channels, height, width] => {
                Self::stated(shape).or(Some(Self { channels, height, width, channels_last: false }))
            }
            _ => Self::stated(shape),
        };
        if let Some(picture) = stated.filter(|picture| picture.elements() == Some(elements)) {
            return picture;
        }
        let side = elements.isqrt();
        let (height, width) = if side * side == elements && side > 1 { (side, side) } else { (1, elements) };
        Self { channels: 1, height, width, channels_last: false }
    }

    /// Elements of the picture; `None` when they cannot be counted.
    pub fn elements(self) -> Option<usize> {
        self.channels.checked_mul(self.height)?.checked_mul(self.width)
    }

    /// Where an element stands in the row.
    pub fn at(self, channel: usize, row: usize, column: usize) -> usize {
        if self.channels_last {
            (row * self.width + column) * self.channels + channel
        } else {
            (channel * self.height + row) * self.width + column
        }
    }

    /// The shorter side, in pixels.
    pub fn side(self) -> usize {
        self.height.min(self.width)
    }

    /// The value between four pixels, weighted by closeness; pixels beyond the edge count as `outside`.
    pub(crate) fn between(self, values: &[f32], channel: usize, row: f32, column: f32, outside: f32) -> f32 {
        let (top, left) = (row.floor(), column.floor());
        let (down, right) = (row - top, column - left);
        let pixel = |row: f32, column: f32| {
            let inside =
                row >= 0.0 && column >= 0.0 && row < self.height as f32 && column < self.width as f32;
            if inside { values[self.at(channel, row as usize, column as usize)] } else { outside }
        };
        let upper = pixel(top, left) * (1.0 - right) + pixel(top, left + 1.0) * right;
        let lower = pixel(top + 1.0, left) * (1.0 - right) + pixel(top + 1.0, left + 1.0) * right;
        upper * (1.0 - down) + lower * down
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_read_as_pictures() {
        let layout = |shape: &[usize], elements| {
            let picture = Picture::guess(shape, elements);
            (picture.channels, picture.height, picture.width, picture.channels_last)
        };
        assert_eq!(layout(&[5, 3, 8, 9], 216), (3, 8, 9, false));
        assert_eq!(layout(&[5, 8, 9, 3], 216), (3, 8, 9, true));
        assert_eq!(layout(&[5, 8, 9], 72), (1, 8, 9, false));
        assert_eq!(layout(&[5, 64], 64), (1, 8, 8, false));
        assert_eq!(layout(&[5, 30], 30), (1, 1, 30, false));
        assert_eq!(layout(&[5, 3, 8, 9], 10), (1, 1, 10, false));
        assert_eq!(Picture::stated(&[5, 64]), None);
        let last = Picture::guess(&[5, 8, 9, 3], 216);
        assert_eq!((last.at(0, 0, 1), last.at(2, 1, 0)), (3, 29));
    }

    #[test]
    fn between_pixels_values_mix() {
        let picture = Picture::guess(&[1, 2, 2], 4);
        let values = [0.0, 1.0, 2.0, 3.0];
        assert_eq!(picture.between(&values, 0, 0.5, 0.5, 9.0), 1.5);
        assert_eq!(picture.between(&values, 0, 1.0, 0.0, 9.0), 2.0);
        assert_eq!(picture.between(&values, 0, -1.0, 0.0, 9.0), 9.0);
    }
}
