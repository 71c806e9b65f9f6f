/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A program of another C library: linked with foreign_loader as its interpreter, which runs
 * instead. */
int main(void)
{
    return 98;
}
