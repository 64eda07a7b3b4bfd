// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Draws contact sheets pixel by pixel.
#include "contact_sheet.hpp"

#include <stb_easy_font.h>
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb_image_write.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report_text.hpp"

namespace contact_sheet {
namespace {

struct rgb {
  std::uint8_t r, g, b;
};
constexpr rgb paper{250, 250, 248}, ink{32, 32, 32}, quiet{105, 105, 105}, red{190, 30, 20},
    frame{214, 214, 210};

class canvas {
 public:
  canvas(int width, int height)
      : width_(width),
        height_(height),
        pixels_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), paper) {}

  void fill(int left, int top, int width, int height, rgb colour) {
    for (int y = std::max(top, 0); y < std::min(top + height, height_); ++y) {
      for (int x = std::max(left, 0); x < std::min(left + width, width_); ++x) {
        pixels_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                static_cast<std::size_t>(x)] = colour;
      }
    }
  }

  [[nodiscard]] std::vector<std::uint8_t> png() const {
    std::vector<std::uint8_t> bytes;
    stbi_write_png_to_func(append, &bytes, width_, height_, 3, pixels_.data(), 3 * width_);
    return bytes;
  }

  static void append(void* context, void* data, int size) {
    const auto* first = static_cast<const std::uint8_t*>(data);
    auto* bytes = static_cast<std::vector<std::uint8_t>*>(context);
    bytes->insert(bytes->end(), first, first + size);
  }

 private:
  int width_, height_;
  std::vector<rgb> pixels_;
};

//! The font has ASCII alone: any other character becomes one '?'.
std::string ascii(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte < 127) result += c;
    if (byte >= 0xC0) result += '?';
  }
  return result;
}

int text_width(std::string text, int scale) { return scale * stb_easy_font_width(text.data()); }

enum class weight { regular, bold };

//! The font's quads are axis-parallel rectangles, so whole scales stay sharp.
void write(canvas& canvas, int left, int top, std::string text, int scale, rgb colour,
           weight weight = weight::regular) {
  struct vertex {
    float x, y, z;
    std::array<unsigned char, 4> colour;
  };
  static_assert(sizeof(vertex) == 16);
  std::vector<vertex> vertices(text.size() * 64 + 4);
  const int quads = stb_easy_font_print(0, 0, text.data(), nullptr, vertices.data(),
                                        static_cast<int>(vertices.size() * sizeof(vertex)));
  for (int i = 0; i < quads; ++i) {
    const vertex& a = vertices[4 * static_cast<std::size_t>(i)];
    const vertex& c = vertices[4 * static_cast<std::size_t>(i) + 2];
    const auto at = [scale](float v) { return static_cast<int>(std::lround(v)) * scale; };
    const int extra = weight == weight::bold ? 1 : 0;
    canvas.fill(left + at(a.x), top + at(a.y), at(c.x) - at(a.x) + extra, at(c.y) - at(a.y),
                colour);
  }
}

//! Drops characters from the end until the text fits.
std::string shortened(std::string text, int scale, int width) {
  if (text_width(text, scale) <= width) return text;
  while (!text.empty() && text_width(text + "..", scale) > width) text.pop_back();
  return text + "..";
}

bool fits(const record::exhibit& exhibit, int width, int height) {
  return width > 0 && height > 0 &&
         exhibit.pixels.size() ==
             static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

bool mislabelled(const record::exhibit& exhibit) {
  return !exhibit.true_label.empty() && exhibit.true_label != exhibit.label;
}

}  // namespace

std::vector<std::uint8_t> png(const std::vector<record::exhibit>& exhibits, int width, int height,
                              const std::string& title) {
  constexpr int text_scale = 2, line = 22, margin = 28, gap = 24, head = 78;
  width = std::clamp(width, 1, 1024);
  height = std::clamp(height, 1, 1024);
  const int zoom = std::max(1, 168 / std::max(width, height));
  const int lines = std::any_of(exhibits.begin(), exhibits.end(), mislabelled) ? 4 : 3;
  const int cell_width = std::max(160, zoom * width),
            cell_height = zoom * height + lines * line + 8;
  const int count = static_cast<int>(exhibits.size());
  const int columns = std::clamp(count, 1, 8), rows = std::max(1, (count + columns - 1) / columns);
  const std::string legend = "label / selected of seen / last loss";
  const int content = std::max(
      {columns * (cell_width + gap) - gap, text_width(ascii(title), 3), text_width(legend, 2)});
  canvas sheet(2 * margin + content, head + margin + rows * (cell_height + gap) - gap + margin / 2);

  write(sheet, margin, margin, ascii(title), 3, ink, weight::bold);
  write(sheet, margin, margin + 34, legend, 2, quiet);
  for (int i = 0; i < count; ++i) {
    const record::exhibit& exhibit = exhibits[static_cast<std::size_t>(i)];
    const int left = margin + i % columns * (cell_width + gap);
    const int top = head + margin / 2 + i / columns * (cell_height + gap);
    sheet.fill(left - 1, top - 1, zoom * width + 2, zoom * height + 2, frame);
    if (fits(exhibit, width, height)) {
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          const std::uint8_t grey =
              exhibit.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                             static_cast<std::size_t>(x)];
          sheet.fill(left + x * zoom, top + y * zoom, zoom, zoom, {grey, grey, grey});
        }
      }
    } else {
      sheet.fill(left, top, zoom * width, zoom * height, paper);
    }
    int y = top + zoom * height + 9;
    const auto put = [&](const std::string& text, rgb colour, weight weight = weight::regular) {
      write(sheet, left, y, shortened(ascii(text), text_scale, cell_width), text_scale, colour,
            weight);
      y += line;
    };
    put(exhibit.label, ink, weight::bold);
    if (mislabelled(exhibit)) put("is " + exhibit.true_label, red);
    put(std::to_string(exhibit.selected) + " of " + std::to_string(exhibit.seen), quiet);
    put("loss " + report::loss_text(static_cast<double>(exhibit.loss)), quiet);
  }
  return sheet.png();
}

std::vector<std::uint8_t> image_png(const record::exhibit& exhibit, int width, int height) {
  std::vector<std::uint8_t> bytes;
  if (!fits(exhibit, width, height)) return bytes;
  stbi_write_png_to_func(canvas::append, &bytes, width, height, 1, exhibit.pixels.data(), width);
  return bytes;
}

}  // namespace contact_sheet
