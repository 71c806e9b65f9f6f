/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A program that no shim can enter. */
int main(void)
{
    return 0;
}
