/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HOST_PLUGIN_H
#define HOST_PLUGIN_H

/* Enrols on the token of `uri` and returns the library's status. */
__attribute__((visibility("default"))) int plugin_enrol(const char *module, const char *uri);

#endif
