/* The version in HELLO and READY; the build defines the project's. */
#ifndef IGNITE_VERSION
#define IGNITE_VERSION "1.0.0"
#endif
