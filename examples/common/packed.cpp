// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "packed.hpp"

#include "report_files.hpp"

#include <zlib.h>

#include <array>
#include <fstream>
#include <iterator>

namespace packed {
namespace {

using bytes = std::vector<std::uint8_t>;

constexpr int gzip_format = 15 + 16;  // the largest window, and zlib's way to ask for gzip

//! A stream of zlib's, ended by `End` whatever happens.
template <int (*End)(z_streamp)>
struct stream : z_stream {
  stream() : z_stream{} {}
  ~stream() { End(this); }
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
};

bytes compress(bytes plain) {
  stream<deflateEnd> zip;
  // Weights do not get smaller, whatever the effort; the checksum is what is wanted.
  deflateInit2(&zip, Z_NO_COMPRESSION, Z_DEFLATED, gzip_format, 8, Z_DEFAULT_STRATEGY);
  bytes out(deflateBound(&zip, plain.size()));
  zip.next_in = plain.data();
  zip.avail_in = static_cast<uInt>(plain.size());
  zip.next_out = out.data();
  zip.avail_out = static_cast<uInt>(out.size());
  if (deflate(&zip, Z_FINISH) != Z_STREAM_END) throw error("zlib cannot compress");
  out.resize(zip.total_out);
  return out;
}

bytes decompress(bytes packed) {
  stream<inflateEnd> zip;
  inflateInit2(&zip, gzip_format);
  zip.next_in = packed.data();
  zip.avail_in = static_cast<uInt>(packed.size());
  bytes out;
  std::array<std::uint8_t, 1 << 16> piece;
  int status = Z_OK;
  while (status == Z_OK) {
    zip.next_out = piece.data();
    zip.avail_out = static_cast<uInt>(piece.size());
    status = inflate(&zip, Z_NO_FLUSH);
    out.insert(out.end(), piece.begin(), piece.end() - zip.avail_out);
  }
  if (status == Z_BUF_ERROR) throw error("cut short");
  if (status != Z_STREAM_END) throw error("damaged, or not a file of this program");
  if (zip.avail_in != 0) throw error("goes on after its end");
  return out;
}

bytes contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw error("cannot be opened");
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

void write(const std::filesystem::path& file, const nlohmann::json& value) {
  report::write_file(file, compress(nlohmann::json::to_cbor(value)));
}

nlohmann::json read(const std::filesystem::path& file) {
  try {
    return nlohmann::json::from_cbor(decompress(contents(file)));
  } catch (const error& problem) {
    throw error(file.string() + ": " + problem.what());
  } catch (const nlohmann::json::exception&) {
    throw error(file.string() + ": not a file of this program");
  }
}

}  // namespace packed
