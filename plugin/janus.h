// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The only place that includes Janus's headers. They have no `extern "C"` guards, and what they
// include contains C++ templates by now: that comes first.
#include <glib.h>
#include <glib/gprintf.h>
#include <ifaddrs.h>
#include <jansson.h>

// In angle brackets: "config.h" would be our own.
extern "C" {
#include <config.h>
#include <debug.h>
#include <plugins/plugin.h>
#include <record.h>
#include <rtcp.h>
#include <rtp.h>
}
