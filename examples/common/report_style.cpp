// SPDX-FileCopyrightText: 2026 The gradsieve authors
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//! @file The style of the report's page.
#include "report_html.hpp"

namespace report {

std::string_view style_sheet() {
  // The dark palette keeps the hues of plot::palette and lifts their lightness.
  return R"css(
:root {
  color-scheme: light dark;
  --page: #fbfbf9; --card: #ffffff; --text: #1d1d1b; --ink: #4a4a47; --rule: #e3e3de;
  --accent: #00629b; --wash: #eef5fa; --wrong: #b3261e;
  --c0: #2b2b2b; --c1: #0072b2; --c2: #d55e00; --c3: #009e73;
  --c4: #cc79a7; --c5: #e69f00; --c6: #56b4e9; --c7: #8c6d1f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #141416; --card: #1c1c1f; --text: #ececea; --ink: #b0b0ac; --rule: #35353a;
    --accent: #79c0f2; --wash: #1b2a36; --wrong: #ff8a80;
    --c0: #f2f2f0; --c1: #4aa5e0; --c2: #f58442; --c3: #2cc59b;
    --c4: #e6a0c7; --c5: #f2b632; --c6: #8fd0f7; --c7: #cbab58;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 1120px; margin: 0 auto; padding: 40px 32px 64px; }
.eyebrow { margin: 0 0 10px; color: var(--ink); font-size: 15px; }
h1 {
  margin: 0; max-width: 24em; font-size: clamp(25px, 4.2vw, 40px); line-height: 1.16;
  font-weight: 700; letter-spacing: -.018em; text-wrap: balance;
}
.detail { margin: 16px 0 0; max-width: 46em; color: var(--ink); }
h2 { margin: 52px 0 14px; font-size: 21px; line-height: 1.3; letter-spacing: -.01em; }
p, li { max-width: 46em; overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 14px;
  margin: 30px 0 0; padding: 0; }
.tile { padding: 16px 18px; border: 1px solid var(--rule); border-radius: 12px;
  background: var(--card); }
.tile.lead { border-color: transparent; background: var(--wash); }
.tile dt { color: var(--ink); font-size: 14px; line-height: 1.35; }
.tile dd { margin: 4px 0 0; font-size: 27px; line-height: 1.2; font-weight: 680;
  font-variant-numeric: tabular-nums; }
.tile.lead dd { color: var(--accent); }
.tile dd small { display: block; margin-top: 2px; color: var(--ink); font-size: 14px;
  font-weight: 400; }
figure { margin: 0; padding: 18px 18px 14px; border: 1px solid var(--rule); border-radius: 12px;
  background: var(--card); }
figure svg { display: block; width: 100%; height: auto; }
figure svg text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; }
figure .narrow { display: none; }
figcaption { margin-top: 8px; max-width: 60em; color: var(--ink); font-size: 14.5px; }
.scroll { overflow-x: auto; border: 1px solid var(--rule); border-radius: 12px;
  background: var(--card); }
table { width: 100%; border-collapse: collapse; font-size: 15px;
  font-variant-numeric: tabular-nums; }
th, td { padding: 10px 12px; text-align: left; vertical-align: baseline; white-space: nowrap; }
thead th { color: var(--ink); font-size: 13.5px; font-weight: 500; line-height: 1.3;
  white-space: normal; }
tbody th { font-weight: 620; }
tbody tr { border-top: 1px solid var(--rule); }
th.n, td.n { text-align: right; }
.methods tbody th::before { content: ""; display: inline-block; width: 11px; height: 11px;
  margin-right: 9px; border-radius: 50%; background: var(--dot, var(--ink)); }
.remarks { margin: 14px 0 0; padding-left: 1.2em; color: var(--ink); font-size: 14.5px; }
.remarks li { margin: 4px 0; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 18px 14px;
  margin: 0; padding: 0; list-style: none; }
.sheet img, .sheet .blank { display: block; width: 100%; aspect-ratio: var(--shape);
  border: 1px solid var(--rule); border-radius: 6px; image-rendering: pixelated; }
.sheet b { display: block; margin-top: 6px; font-size: 14px; font-weight: 620; line-height: 1.3; }
.sheet span { display: block; color: var(--ink); font-size: 13.5px; line-height: 1.35;
  font-variant-numeric: tabular-nums; }
.sheet .wrong { color: var(--wrong); font-weight: 600; }
.pairs { display: grid; grid-template-columns: max-content 1fr; gap: 7px 24px; margin: 0;
  font-size: 15px; }
.pairs dt { font-weight: 620; }
.pairs dd { margin: 0; color: var(--ink); overflow-wrap: anywhere; }
footer { margin-top: 56px; padding-top: 16px; border-top: 1px solid var(--rule);
  color: var(--ink); font-size: 14px; }
@media (max-width: 700px) {
  main { padding: 24px 16px 48px; }
  h2 { margin-top: 40px; font-size: 19px; }
  .tiles { grid-template-columns: 1fr 1fr; gap: 10px; margin-top: 22px; }
  .tile { padding: 12px 14px; }
  .tile:last-child:nth-child(odd) { grid-column: 1 / -1; }
  .tile dd { font-size: 22px; }
  figure { padding: 12px 8px 12px 10px; }
  figure .wide { display: none; }
  figure .narrow { display: block; }
  .pairs { grid-template-columns: 1fr; gap: 0; }
  .pairs dd { margin-bottom: 10px; }
  .cards { overflow: visible; border: 0; background: none; }
  .cards thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px;
    overflow: hidden; }
  .cards table, .cards tbody { display: block; }
  .cards tr { display: block; margin: 0 0 12px; padding: 12px 14px; border: 1px solid var(--rule);
    border-radius: 12px; background: var(--card); }
  .cards tbody th { display: block; padding: 0 0 6px; font-size: 16.5px; white-space: normal; }
  .cards td { display: flex; justify-content: space-between; gap: 16px; padding: 3px 0;
    white-space: normal; }
  .cards td, .cards td.n { text-align: right; }
  .cards td.void { display: none; }
  .cards td::before { content: attr(data-label); color: var(--ink); text-align: left; }
}
@media print {
  main { max-width: none; padding: 0; }
  figure, .tile, .sheet li { break-inside: avoid; }
}
)css";
}

}  // namespace report
