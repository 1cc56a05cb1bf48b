# pressrun as a static program in a small image that runs it without rights.
#
#     docker build --tag pressrun .
#     docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD:/site" pressrun build

FROM rust:1-alpine AS build
# A C compiler: Oniguruma, libwebp and mimalloc are written in C.
RUN apk add --no-cache build-base
WORKDIR /source
COPY . .
# The address of the repository whose releases `pressrun publish --workflow` installs, if there are any.
ARG PRESSRUN_REPOSITORY
RUN cargo build --release --locked --bin pressrun
# A program that needs a library of the machine lists it as NEEDED.
RUN ! readelf --dynamic target/release/pressrun | grep NEEDED

FROM alpine:3
# git and ssh for `publish` and for dates of posts, certificates for `generate`.
RUN apk add --no-cache ca-certificates git openssh-client && adduser -D -H -u 10001 pressrun
COPY --from=build /source/target/release/pressrun /usr/local/bin/pressrun
COPY LICENSE-MIT LICENSE-APACHE LICENSE-OFL /usr/local/share/licenses/pressrun/
USER 10001:10001
WORKDIR /site
EXPOSE 1111
ENTRYPOINT ["pressrun"]
CMD ["help"]
