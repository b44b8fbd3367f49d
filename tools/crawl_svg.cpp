// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/crawl_svg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <numbers>
#include <vector>

#include "tools/json.h"

namespace tools {

namespace {

constexpr double middle = 400;
constexpr double ring = 250;
constexpr double record_ring = 165;
constexpr double digit_ring = 228;
/// Of a line of text, as a part of the ring: what is closer goes farther out.
constexpr double label_width = 0.009;
/// With more, names would lie upon each other.
constexpr std::size_t labels_max = 64;

constexpr const char* head = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 800" role="img">
<style>
svg { --paper: #ffffff; --ink: #1d2733; --faint: #b9c2cc; --node: #0b69c7; --record: #b4490b; }
@media (prefers-color-scheme: dark) {
svg { --paper: #14191f; --ink: #e4e9ee; --faint: #4b5763; --node: #6cb6ff; --record: #ffa657; }
}
text { font: 13px system-ui, sans-serif; fill: var(--ink); }
.paper { fill: var(--paper); }
.id { font: 12px ui-monospace, monospace; }
.digit { font-size: 11px; fill: var(--ink); opacity: 0.6; text-anchor: middle; }
.ring { fill: none; stroke: var(--faint); stroke-width: 2; }
.tick { stroke: var(--faint); }
.node { fill: var(--node); stroke: var(--paper); stroke-width: 1.5; }
.record { fill: var(--record); stroke: var(--paper); stroke-width: 1.5; }
.holds { stroke: var(--record); opacity: 0.45; }
.name { fill: var(--record); text-anchor: middle; }
.title { font-size: 16px; text-anchor: middle; }
</style>
<rect class="paper" width="800" height="800"/>
)";

struct Point {
    double x;
    double y;
};

/// As a part of the whole space, from 0 to 1.
double part(const dht::NodeId& id) {
    double out = 0;
    for (std::size_t i = 7; i-- > 0;) out = (out + id.octets[i]) / 256;
    return out;
}

Point at(double part_of_ring, double radius) {
    const double angle = 2 * std::numbers::pi * part_of_ring;
    return {middle + radius * std::sin(angle), middle - radius * std::cos(angle)};
}

__attribute__((format(printf, 2, 3))) void add(std::string& out, const char* format, ...) {
    std::array<char, 512> text{};
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text.data(), text.size(), format, arguments);
    va_end(arguments);
    out += text.data();
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

void draw_ring(std::string& out) {
    add(out, "<circle class=\"ring\" cx=\"%.0f\" cy=\"%.0f\" r=\"%.0f\"/>\n", middle, middle, ring);
    for (int i = 0; i < 16; ++i) {  // the first digit of the NodeIDs
        const auto from = at(i / 16.0, ring - 8);
        const auto to = at(i / 16.0, ring);
        const auto digit = at((i + 0.5) / 16.0, digit_ring);
        add(out, "<line class=\"tick\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", from.x, from.y,
            to.x, to.y);
        add(out, "<text class=\"digit\" x=\"%.1f\" y=\"%.1f\">%x…</text>\n", digit.x, digit.y + 4, i);
    }
}

enum class Label { none, near, far };

void draw_node(std::string& out, const Crawl::Node& node, Label label) {
    const double where = part(node.contact.id);
    const auto spot = at(where, ring);
    add(out, "<circle class=\"node\" cx=\"%.1f\" cy=\"%.1f\" r=\"%d\"><title>%s\n%s", spot.x, spot.y,
        label == Label::none ? 4 : 7, node.contact.id.hex().c_str(),
        node.contact.endpoint.to_string().c_str());
    if (node.descriptor) out += "\n" + escaped(node.descriptor->software);
    out += "</title></circle>\n";
    if (label == Label::none) return;
    // Outwards along the radius, and never upside down.
    const bool left = where > 0.5;
    const auto begin = at(where, ring + (label == Label::far ? 80 : 14));
    add(out,
        "<text class=\"id\" text-anchor=\"%s\" transform=\"translate(%.1f %.1f) rotate(%.1f)\" "
        "dy=\"4\">%s</text>\n",
        left ? "end" : "start", begin.x, begin.y, where * 360 - 90 + (left ? 180 : 0),
        node.contact.id.hex().substr(0, 8).c_str());
}

void draw_nodes(std::string& out, const Crawl& crawl) {
    std::vector<const Crawl::Node*> nodes;
    for (const auto& [endpoint, node] : crawl.nodes) nodes.push_back(&node);
    std::sort(nodes.begin(), nodes.end(),
              [](const auto* a, const auto* b) { return a->contact < b->contact; });
    auto label = Label::near;
    double last = -1;
    for (const auto* node : nodes) {
        const double where = part(node->contact.id);
        const bool close = where - last < label_width;
        label = close && label == Label::near ? Label::far : Label::near;
        last = where;
        draw_node(out, *node, nodes.size() > labels_max ? Label::none : label);
    }
}

void draw_record(std::string& out, const Crawl::Record& record) {
    const auto spot = at(part(record.key), record_ring);
    for (const auto& holder : record.holders) {
        const auto end = at(part(holder), ring);
        add(out, "<line class=\"holds\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", spot.x, spot.y,
            end.x, end.y);
    }
    add(out, "<rect class=\"record\" x=\"-6\" y=\"-6\" width=\"12\" height=\"12\" ");
    add(out, "transform=\"translate(%.1f %.1f) rotate(45)\"><title>key %s\nat %zu nodes</title></rect>\n",
        spot.x, spot.y, record.key.hex().c_str(), record.holders.size());
    add(out, "<text class=\"name\" x=\"%.1f\" y=\"%.1f\">", spot.x, spot.y + 22);
    out += escaped(record.kind + "/" + record.name) + "</text>\n";
}

}  // namespace

std::string svg_of(const Crawl& crawl) {
    std::string out = head;
    draw_ring(out);
    for (const auto& record : crawl.records) draw_record(out, record);
    draw_nodes(out, crawl);
    add(out, "<text class=\"title\" x=\"%.0f\" y=\"40\">%zu node%s of federation ", middle,
        crawl.nodes.size(), crawl.nodes.size() == 1 ? "" : "s");
    out += escaped(crawl.federation) + "</text>\n</svg>\n";
    return out;
}

}  // namespace tools
