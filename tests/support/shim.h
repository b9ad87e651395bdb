/* SPDX-License-Identifier: Apache-2.0 */
/* The PKCS#11 shim (tests/shim) in front of SoftHSM: counts calls and makes them fail.
 *
 *     struct shim *shim = shim_new(softhsm_dir(hsm));
 *     token = softhsm_open_by(shim_module(), context, "bank", &pin);
 *     shim_control(shim, "fail C_CreateObject 0x31\n");
 *     assert_int_equal(shim_calls(shim, "C_Login"), 1);
 *
 * Make it before the module is first loaded. The lines of the control file are described in
 * tests/shim/control.h. */
#ifndef TEST_SHIM_H
#define TEST_SHIM_H

struct shim;

/* Sets SHIM_MODULE, SHIM_LOG and SHIM_CONTROL; the files are in `dir`. */
struct shim *shim_new(const char *dir);
void shim_free(struct shim *shim);

/* The shim's file name, for certenroll_token_options.module_path or --module. */
const char *shim_module(void);

/* From now on the shim does as these lines say ("" : forward everything). */
void shim_control(const struct shim *shim, const char *lines);
/* The control file as it is now: the shim counts PIN tries in it. Freed by the caller. */
char *shim_control_now(const struct shim *shim);

/* How often a function was called since shim_new() or shim_forget(); NULL: all functions. */
unsigned shim_calls(const struct shim *shim, const char *function);
/* The calls in their order: lines "C_Login 0x000000a0". Freed by the caller. */
char *shim_log(const struct shim *shim);
void shim_forget(const struct shim *shim);

#endif
