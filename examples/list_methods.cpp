// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file Prints the table of the library's methods from their own descriptions, as Markdown.
//!
//!     list_methods                 prints it
//!     list_methods FILE            writes it between the marks in a file
//!     list_methods --check FILE    fails unless it stands there
#include <gradsieve/methods.hpp>
#include <gradsieve/methods/table.hpp>

#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

namespace {

namespace methods = gradsieve::methods;

template <class Cells>
std::string line(const Cells& cells) {
  std::string text = "|";
  for (const auto& cell : cells) {
    text += ' ';
    text += cell;
    text += " |";
  }
  return text + '\n';
}

std::string table() {
  std::string text = line(methods::columns) + "|";
  for (std::size_t i = 0; i < methods::columns.size(); ++i) text += "---|";
  text += '\n';
  for (const methods::method_info& each : methods::all) text += line(methods::row_of(each));
  return text;
}

//! The file's text with the table in the place of what stands between the marks.
std::string with_table(const std::string& text) {
  const std::string first = "<!-- methods:begin -->\n", last = "<!-- methods:end -->";
  const std::size_t begin = text.find(first), end = text.find(last);
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    throw std::runtime_error("no marks <!-- methods:begin --> and <!-- methods:end -->");
  }
  return text.substr(0, begin + first.size()) + table() + text.substr(end);
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 1) {
      std::cout << table();
      return 0;
    }
    const std::string path = argv[argc - 1], text = read(path), renewed = with_table(text);
    if (argc == 3 && std::string(argv[1]) == "--check") {
      if (text == renewed) return 0;
      std::cerr << path << ": the table of methods is not that of the code; run list_methods "
                << path << '\n';
      return 1;
    }
    if (argc != 2) throw std::runtime_error("usage: list_methods [[--check] FILE]");
    std::ofstream(path, std::ios::binary) << renewed;
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "list_methods: " << error.what() << '\n';
    return 2;
  }
}
